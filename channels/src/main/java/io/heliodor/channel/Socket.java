package io.heliodor.channel;

import io.heliodor.event.CloseCode;
import io.heliodor.event.Event;
import java.time.Duration;
import java.util.Optional;

/**
 * One client's connection, as its channels see it. Any thread may use it.
 *
 * @param <S> the type of the connection's assigns
 */
public interface Socket<S> {
    /** The ways in which clients are connected. */
    enum Transport {
        /** A WebSocket. */
        WEBSOCKET,
        /** Requests that the client repeats (long poll): it gets no binary payloads, and no close code. */
        LONG_POLL
    }

    /**
     * What {@code connect} accepted the connection with.
     *
     * @return the assigns
     */
    S assigns();

    /**
     * The name under which the connection can be closed from the server side, shared by all connections of a user as a
     * rule.
     *
     * @return the id that {@code connect} gave, if any
     */
    Optional<String> id();

    /**
     * The address of the client: that of the peer, or the one that a trusted proxy names.
     *
     * @return an IP address as text, without the port; of a client that polls that of its first request
     */
    String remoteAddress();

    /**
     * How the client is connected.
     *
     * @return always the same
     */
    Transport transport();

    /**
     * The id of the connection in the lines of the log and in observations.
     *
     * @return what the client or its proxy sent as {@code X-Request-Id} or {@code traceparent}, else a fresh one; always the same
     */
    String correlationId();

    /**
     * Sends an event to this connection, whatever it has joined. A page receives it by {@code socket.onMessage} under the topic {@code
     * phoenix}. Events of channels go by {@link Context#push} and {@link Context#broadcast}, in their order.
     *
     * <p>It is dropped (and counted) once the connection has ended. It waits as {@link Context#push} does.
     *
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @throws IllegalArgumentException if the payload is not written as a JSON object
     */
    <T> void push(Event<T> event, T payload);

    /** Closes the connection with code 1001; the client comes back by itself. It does not wait. */
    void disconnect();

    /**
     * Sends a last event, then closes the connection with {@link CloseCode#KICKED}, as {@link Channels#kick} does for all connections
     * of an id. It does not wait.
     *
     * @param event the last event
     * @param payload its payload
     * @param <T> the type of the payload
     * @throws IllegalArgumentException if the payload is not written as a JSON object of at most 1 000 bytes
     */
    <T> void kick(Event<T> event, T payload);

    /**
     * Removes this connection from a topic, as {@link Channels#remove} does for all connections of an id. It does not wait. Nothing
     * happens if the topic is not joined.
     *
     * @param topic the topic
     * @throws IllegalArgumentException if it is not a topic
     */
    void remove(String topic);

    /**
     * Gives the connection another end, from now on: for a client that has shown a fresh token in an event. It does not
     * wait.
     *
     * @param validFor after which time it is closed with code 1008; more than zero, at most 3 650 days
     * @throws IllegalArgumentException if it is out of range
     */
    void extend(Duration validFor);
}
