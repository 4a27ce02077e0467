package io.heliodor.channel;

import java.util.Optional;

/**
 * Who may connect.
 *
 * @param <S> the type of the connection's assigns
 */
public sealed interface ConnectOutcome<S> {
    /**
     * The connection is accepted.
     *
     * @param assigns what its channels will see
     * @param id the name under which it can be disconnected
     * @param <S> the type of the assigns
     */
    record Accepted<S>(S assigns, Optional<String> id) implements ConnectOutcome<S> {}

    /**
     * The connection is refused before the upgrade.
     *
     * @param status the HTTP status
     * @param <S> the type of the assigns
     */
    record Refused<S>(int status) implements ConnectOutcome<S> {
        /**
         * Checks the status.
         *
         * @throws IllegalArgumentException if it is not one of 400 to 599
         */
        public Refused {
            if (status < 400 || status > 599) {
                throw new IllegalArgumentException(
                        "A connection is refused with a status from 400 to 599, for example 403; not " + status + ".");
            }
        }
    }
}
