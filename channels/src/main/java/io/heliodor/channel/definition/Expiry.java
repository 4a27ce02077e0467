package io.heliodor.channel.definition;

import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.ConnectOutcome.Accepted;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The time limits of accepted connections, at the time of their acceptance. */
public final class Expiry {
    private static final int UNAUTHORIZED = 401;

    /** The maximum of {@link Accepted#validFor()}. */
    private static final Duration LONGEST = Duration.ofDays(3_650);

    private Expiry() {}

    /**
     * The outcome at a time. An acceptance without time left is a refusal with status 401 and the text {@code expired}.
     *
     * @param outcome the outcome of the connect handler
     * @param now the time of its return
     * @param <S> the type of the assigns
     * @return the outcome, whose {@link Accepted#validUntil()} has become a {@link Accepted#validFor()}
     */
    public static <S> ConnectOutcome<S> at(ConnectOutcome<S> outcome, Instant now) {
        return switch (outcome) {
            case ConnectOutcome.Refused<S> refused -> refused;
            case Accepted<S>(var assigns, var id, var validFor, var validUntil, var principal) -> {
                Optional<Duration> left = earlier(validFor, validUntil.map(until -> left(now, until)));
                yield left.isPresent() && !left.get().isPositive()
                        ? Connect.<S>refuse(UNAUTHORIZED).text("expired")
                        : new Accepted<>(assigns, id, left, Optional.empty(), principal);
            }
        };
    }

    private static Duration left(Instant now, Instant until) {
        Duration left = Duration.between(now, until);
        return left.compareTo(LONGEST) > 0 ? LONGEST : left;
    }

    private static Optional<Duration> earlier(Optional<Duration> one, Optional<Duration> other) {
        return one.isPresent() && other.isPresent() && one.get().compareTo(other.get()) > 0
                ? other
                : one.or(() -> other);
    }
}
