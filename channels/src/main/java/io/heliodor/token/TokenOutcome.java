package io.heliodor.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What became of a token.
 *
 * @param <T> what tokens carry
 */
public sealed interface TokenOutcome<T> {
    /**
     * It was signed here and holds.
     *
     * @param value what it carries
     * @param signed when it was signed, by the clock of who did
     * @param left for how long it still holds, more than zero
     * @param <T> what tokens carry
     */
    record Valid<T>(T value, Instant signed, Duration left) implements TokenOutcome<T> {}

    /**
     * It was signed here, and its time is over.
     *
     * @param since when it ended
     * @param <T> what tokens carry
     */
    record Expired<T>(Instant since) implements TokenOutcome<T> {}

    /**
     * It was signed here, and its subject's tokens of that time are refused: see {@link Revocations}.
     *
     * @param <T> what tokens carry
     */
    record Revoked<T>() implements TokenOutcome<T> {}

    /**
     * It was not signed with one of the secrets for this purpose, was changed, or carries what cannot be read any more.
     *
     * @param <T> what tokens carry
     */
    record Invalid<T>() implements TokenOutcome<T> {}

    /**
     * There was none.
     *
     * @param <T> what tokens carry
     */
    record Missing<T>() implements TokenOutcome<T> {}

    /**
     * What a good token carries, where the reason of a bad one does not matter.
     *
     * @return the value; empty unless {@link Valid}
     */
    default Optional<T> valid() {
        return this instanceof Valid<T>(T value, Instant _, Duration _) ? Optional.of(value) : Optional.empty();
    }
}
