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

    /** Closes the connection with code 1001; the client may come back. It does not wait. */
    void disconnect();

    /**
     * Gives the connection another end, from now on: for a client that has shown a fresh token in an event. It does not
     * wait.
     *
     * @param validFor after which time it is closed with code 1008; more than zero, at most 3 650 days
     * @throws IllegalArgumentException if it is out of range
     */
    void extend(Duration validFor);
}
