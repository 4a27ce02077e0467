package io.heliodor.observe;

/**
 * Which handler of a definition. There are as many as the application declares: nothing of it comes from a client.
 *
 * @param channel the pattern of the channel, such as {@code room:*}; for {@link Kind#CONNECT} the path of the socket
 * @param kind what it handles
 * @param name the declared name of an event or topic, the simple name of a message's class; otherwise the kind in lower case
 */
public record HandlerName(String channel, Kind kind, String name) {
    /** What a handler handles. */
    public enum Kind {
        /** A request to connect. */
        CONNECT,
        /** A request to join. */
        JOIN,
        /** An event or call of a client. */
        EVENT,
        /** A message of the server side: told, or published on a topic. */
        MESSAGE,
        /** A broadcast on its way out. */
        INTERCEPT
    }
}
