package io.heliodor.channel;

import java.time.Duration;
import java.util.Optional;

/**
 * One client's connection, as its channels see it. Any thread may use it.
 *
 * @param <S> the type of the connection's assigns
 */
public interface Socket<S> {
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
