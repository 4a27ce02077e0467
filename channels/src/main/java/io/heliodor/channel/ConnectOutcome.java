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
     * The connection is refused before the upgrade. A page sees neither status nor text, since browsers do not give them to it; other
     * clients, proxies and logs do. A client that polls gets 403 whatever the status.
     *
     * @param status the HTTP status
     * @param retryAfter after which time to try again, for the header {@code Retry-After} in seconds, rounded up; empty for no header
     * @param text the body, in plain text; empty for none
     * @param <S> the type of the assigns
     */
    record Refused<S>(int status, Optional<Duration> retryAfter, String text) implements ConnectOutcome<S> {
        private static final Duration LONGEST = Duration.ofDays(365);
        private static final int MAX_TEXT = 1_000;

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if the status is not one of 400 to 599, the time is negative or more than 365 days, or the
         *     text has more than 1 000 characters
         */
        public Refused {
            if (status < 400 || status > 599) {
                throw new IllegalArgumentException(
                        "A connection is refused with a status from 400 to 599, for example 403; not " + status + ".");
            }
            retryAfter.ifPresent(Refused::check);
            if (text.length() > MAX_TEXT) {
                throw new IllegalArgumentException(
                        "The text of a refusal has " + text.length() + " characters; the maximum is " + MAX_TEXT + ".");
            }
        }

        private static void check(Duration time) {
            if (time.isNegative() || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("A client tries again after 0 to 365 days, not after " + time + ".");
            }
        }

        /**
         * The same with a time after which to try again.
         *
         * @param time 0 to 365 days
         * @return the outcome
         * @throws IllegalArgumentException if it is out of range
         */
        public Refused<S> retryAfter(Duration time) {
            return new Refused<>(status, Optional.of(time), text);
        }

        /**
         * The same with a text.
         *
         * @param body in plain text, at most 1 000 characters
         * @return the outcome
         * @throws IllegalArgumentException if it is longer
         */
        public Refused<S> text(String body) {
            return new Refused<>(status, retryAfter, body);
        }
    }
}
