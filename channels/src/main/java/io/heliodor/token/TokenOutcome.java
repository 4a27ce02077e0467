package io.heliodor.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The result of verifying a token.
 *
 * @param <T> the type of the values in tokens
 */
public sealed interface TokenOutcome<T> {
    /**
     * The token is valid.
     *
     * @param value its value
     * @param signed when it was signed, by the clock of the signer
     * @param left the time until its expiry, more than zero
     * @param <T> the type of the values in tokens
     */
    record Valid<T>(T value, Instant signed, Duration left) implements TokenOutcome<T> {
        /** Checks that no value is null. */
        public Valid {
            Objects.requireNonNull(value, "value");
            Objects.requireNonNull(signed, "signed");
            Objects.requireNonNull(left, "left");
        }
    }

    /**
     * The token has a valid signature, and has expired.
     *
     * @param since when it expired
     * @param <T> the type of the values in tokens
     */
    record Expired<T>(Instant since) implements TokenOutcome<T> {
        /** Checks that no value is null. */
        public Expired {
            Objects.requireNonNull(since, "since");
        }
    }

    /**
     * The token has a valid signature, and was revoked by {@link Revocations}.
     *
     * @param <T> the type of the values in tokens
     */
    record Revoked<T>() implements TokenOutcome<T> {}

    /**
     * The token was not signed with one of the secrets for this purpose, was modified, or has a value that cannot be read any more.
     *
     * @param <T> the type of the values in tokens
     */
    record Invalid<T>() implements TokenOutcome<T> {}

    /**
     * There was no token.
     *
     * @param <T> the type of the values in tokens
     */
    record Missing<T>() implements TokenOutcome<T> {}

    /**
     * The value of a valid token.
     *
     * @return the value; empty unless {@link Valid}
     */
    default Optional<T> valid() {
        return this instanceof Valid<T>(T value, Instant _, Duration _) ? Optional.of(value) : Optional.empty();
    }
}
