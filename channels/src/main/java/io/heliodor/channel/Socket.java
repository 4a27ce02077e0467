package io.heliodor.channel;

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
}
