package io.heliodor.channel;

import java.util.Objects;

/**
 * Which handler of a definition. There are as many as the application declares: nothing of it comes from a client.
 *
 * @param channel the pattern of the channel, such as {@code room:*}; for {@link Kind#CONNECT} the path of the socket
 * @param kind what it handles
 * @param name the declared name of an event, call, info message or topic; {@code unhandled} for the handler of all other events; {@code
 *     authorize} for the check of a right; otherwise the kind in lower case
 */
public record HandlerName(String channel, Kind kind, String name) {
    /** Checks that no value is null. */
    public HandlerName {
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
    }

    /** The kinds of handlers. */
    public enum Kind {
        /** A request to connect. */
        CONNECT,
        /** A request to join, or a check of its right. */
        JOIN,
        /** A join that was accepted: an {@link Channel.Builder#onJoined onJoined} hook. */
        JOINED,
        /** An event of a client. */
        EVENT,
        /** A call of a client, also one with a deferred reply. */
        CALL,
        /** An info message, or a published message. */
        MESSAGE,
        /** A broadcast on its way out. */
        INTERCEPT,
        /** The end of a channel: an {@link Channel.Builder#onLeave onLeave} hook. */
        LEAVE
    }
}
