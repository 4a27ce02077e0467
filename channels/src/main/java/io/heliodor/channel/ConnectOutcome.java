package io.heliodor.channel;

import java.time.Duration;
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
     * @param validFor after which time it is closed unless {@link Socket#extend} says otherwise; empty for never
     * @param <S> the type of the assigns
     */
    record Accepted<S>(S assigns, Optional<String> id, Optional<Duration> validFor) implements ConnectOutcome<S> {
        private static final Duration LONGEST = Duration.ofDays(3_650);

        /**
         * Checks the time.
         *
         * @throws IllegalArgumentException if it is not more than zero and at most 3 650 days
         */
        public Accepted {
            validFor.ifPresent(Accepted::check);
        }

        private static void check(Duration time) {
            if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "A connection is valid for more than zero and at most 3650 days, not for " + time + ".");
            }
        }

        /**
         * The same, for a time: the connection is closed with code 1008 when that is over, give or take a second, however
         * busy it is. A client comes back by itself and is asked anew who it is.
         *
         * @param time more than zero, at most 3 650 days; what is left of a token, for instance
         * @return the outcome
         * @throws IllegalArgumentException if it is out of range
         */
        public Accepted<S> validFor(Duration time) {
            return new Accepted<>(assigns, id, Optional.of(time));
        }
    }

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
