package io.heliodor.channel;

import io.heliodor.event.CloseCode;
import io.heliodor.event.Event;
import io.heliodor.limit.SessionLimits;
import java.security.Principal;
import java.time.Duration;
import java.util.Optional;

/**
 * The connection of a client. Any thread may use it.
 *
 * @param <S> the type of the connection's assigns
 */
public interface Socket<S> {
    /** The transports of connections. */
    enum Transport {
        /** A WebSocket. */
        WEBSOCKET,
        /** Long poll, which has neither binary payloads nor close codes. */
        LONG_POLL
    }

    /**
     * The assigns that the connect handler returned, or the last {@linkplain UserSocket.Builder#onRefresh refresh}.
     *
     * @return the assigns at this moment
     */
    S assigns();

    /**
     * The user as a security framework has it: of the connect handler, or the last {@linkplain UserSocket.Builder#onRefresh refresh}.
     *
     * @return the principal at this moment, if {@link ConnectOutcome.Accepted#principal(Principal)} set one
     */
    Optional<Principal> principal();

    /**
     * The id by which server code can close the connection; usually shared by all connections of a user.
     *
     * @return the id that the connect handler returned, if any
     */
    Optional<String> id();

    /**
     * The address of the client: that of the peer, or the one that a trusted proxy reports.
     *
     * @return an IP address as text, without the port; for long poll that of the first request
     */
    String remoteAddress();

    /**
     * The transport of the connection.
     *
     * @return a value that never changes
     */
    Transport transport();

    /**
     * The maximum size of a message of this client. A larger one closes the connection with code 1009, so a client that sends large payloads must
     * know it: tell it, in the reply to a join for example.
     *
     * @return {@link SessionLimits#maxMessageBytes()} of the endpoint, in bytes; it never changes
     */
    int maxMessageBytes();

    /**
     * The correlation id of the connection in logs and observations.
     *
     * @return the value of {@code X-Request-Id} or {@code traceparent} from a trusted proxy, or else a new one; it never changes
     */
    String correlationId();

    /**
     * Sends an event to this connection, independent of its joined topics. A page receives it by {@code socket.onMessage} under the topic {@code
     * phoenix}. Events of channels are sent by {@link Context#push} and {@link Context#broadcast}, in their order.
     *
     * <p>After the end of the connection it is dropped and counted. It blocks like {@link Context#push}.
     *
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @throws IllegalArgumentException if the payload is not written as a JSON object
     */
    <T> void push(Event<T> event, T payload);

    /** Closes the connection with code 1001; the client connects again by itself. Does not block. */
    void disconnect();

    /**
     * Sends a last event, then closes the connection with {@link CloseCode#FORBIDDEN}, as {@link Channels#kick} does for all connections
     * of an id. Does not block.
     *
     * @param event the last event
     * @param payload its payload
     * @param <T> the type of the payload
     * @throws IllegalArgumentException if the payload is not written as a JSON object of at most 1 000 bytes
     */
    <T> void kick(Event<T> event, T payload);

    /**
     * Removes this connection from a topic, as {@link Channels#remove} does for all connections of an id. Does not block. Nothing
     * happens if the topic is not joined.
     *
     * @param topic the topic
     * @throws IllegalArgumentException if it is not a topic
     */
    void remove(String topic);

    /**
     * Sets a new time limit for the connection, from now on: for a session that the server renews without its client. A client that sends
     * a fresh token gets its limit by {@link UserSocket.Builder#onRefresh}. Does not block.
     *
     * @param validFor the time after which it is closed with code 1008; at most 3 650 days. With zero or less it is
     *     closed within a second
     * @throws IllegalArgumentException if it is more than 3 650 days
     */
    void extend(Duration validFor);
}
