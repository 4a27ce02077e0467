package io.heliodor.channel;

import io.heliodor.channel.definition.ConnectionId;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The result of a connection request.
 *
 * @param <S> the type of the connection's assigns
 */
public sealed interface ConnectOutcome<S> {
    /**
     * The connection is accepted.
     *
     * @param assigns the assigns of the connection
     * @param id the name under which it can be disconnected, not empty
     * @param validFor the time after which it is closed, unless {@link Socket#extend} changes it; empty for no limit
     * @param validUntil the time at which it is closed, likewise; empty for no limit. Of two limits the earlier one holds
     * @param principal the user as a security framework has it; empty if none does
     * @param <S> the type of the assigns
     */
    record Accepted<S>(
            S assigns,
            Optional<String> id,
            Optional<Duration> validFor,
            Optional<Instant> validUntil,
            Optional<Principal> principal)
            implements ConnectOutcome<S> {
        private static final Duration LONGEST = Duration.ofDays(3_650);

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if the id is empty or longer than 1 000 bytes, or the time more than 3 650 days
         * @throws NullPointerException if the assigns are null
         */
        public Accepted {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(validFor, "validFor");
            Objects.requireNonNull(validUntil, "validUntil");
            Objects.requireNonNull(principal, "principal");
            Objects.requireNonNull(
                    assigns, "The assigns of a connection are null; give Empty.EMPTY if there is nothing to remember.");
            id.ifPresent(ConnectionId::check);
            validFor.ifPresent(Accepted::checkTime);
        }

        private static void checkTime(Duration time) {
            if (time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("A connection is valid for at most 3650 days, not for " + time
                        + "; leave out validFor for no limit.");
            }
        }

        /**
         * This outcome for a limited time. After that, to the second, the connection is closed with code 1008, even if it is busy. The client
         * connects again by itself, and the connect handler runs again.
         *
         * @param time at most 3 650 days; for example the time until the expiry of a token. With zero or less the client is refused with
         *     status 401 and the text {@code expired}
         * @return the outcome
         * @throws IllegalArgumentException if it is more than 3 650 days
         */
        public Accepted<S> validFor(Duration time) {
            Objects.requireNonNull(time, "time");
            return new Accepted<>(assigns, id, Optional.of(time), validUntil, principal);
        }

        /**
         * This outcome until a time, such as the {@code exp} of a JWT and the clock skew of its verification, as
         * {@link #validFor(Duration)}. It is compared with the clock of the system, and in a test kit with the kit's. If this outcome has
         * such a time already, the earlier one holds.
         *
         * @param time any time: if it has passed, the client is refused with status 401 and the text {@code expired}; more than 3 650 days
         *     from now count as 3 650 days
         * @return the outcome
         */
        public Accepted<S> validUntil(Instant time) {
            Objects.requireNonNull(time, "time");
            Instant earlier = validUntil.filter(time::isAfter).orElse(time);
            return new Accepted<>(assigns, id, validFor, Optional.of(earlier), principal);
        }

        /**
         * This outcome with the user as a security framework has it, such as the {@code Authentication} of Spring Security, next to assigns
         * of the application's own. Hooks around handlers get it by {@link Socket#principal}; Heliodor itself does not use it.
         *
         * @param user the user
         * @return the outcome
         */
        public Accepted<S> principal(Principal user) {
            Objects.requireNonNull(user, "user");
            return new Accepted<>(assigns, id, validFor, validUntil, Optional.of(user));
        }
    }

    /**
     * The connection is refused: before the upgrade, unless the {@linkplain UserSocket.Builder#refuseAfterUpgrade socket} changes it.
     * Browsers hide status and text of such a refusal from a page; other clients, proxies and logs get them. A client that polls gets 403
     * whatever the status.
     *
     * @param status the HTTP status
     * @param retryAfter the time after which to try again, for the header {@code Retry-After} in seconds, rounded up; empty for no header
     * @param text the body, in plain text; empty for none
     * @param cause the cause for developers, such as that of a verifier of tokens; clients do not get it, and a test kit names it
     * @param <S> the type of the assigns
     */
    record Refused<S>(int status, Optional<Duration> retryAfter, String text, Optional<String> cause)
            implements ConnectOutcome<S> {
        private static final Duration LONGEST = Duration.ofDays(365);
        private static final int MAX_TEXT = 1_000;

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if the status is not one of 400 to 599, the time is negative or more than 365 days, or the
         *     text has more than 1 000 characters
         */
        public Refused {
            Objects.requireNonNull(retryAfter, "retryAfter");
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(cause, "cause");
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
         * This outcome with a time after which to try again.
         *
         * @param time 0 to 365 days
         * @return the outcome
         * @throws IllegalArgumentException if it is out of range
         */
        public Refused<S> retryAfter(Duration time) {
            Objects.requireNonNull(time, "time");
            return new Refused<>(status, Optional.of(time), text, cause);
        }

        /**
         * This outcome with a text.
         *
         * @param body in plain text, at most 1 000 characters
         * @return the outcome
         * @throws IllegalArgumentException if it is longer
         */
        public Refused<S> text(String body) {
            Objects.requireNonNull(body, "body");
            return new Refused<>(status, retryAfter, body, cause);
        }

        /**
         * This outcome with its cause, which has more for developers than clients should learn. A test kit has it in its failure.
         *
         * @param why the cause
         * @return the outcome
         */
        public Refused<S> because(String why) {
            Objects.requireNonNull(why, "why");
            return new Refused<>(status, retryAfter, text, Optional.of(why));
        }
    }
}
