package io.heliodor.session.budget;

import io.heliodor.limit.RateLimits;
import org.jspecify.annotations.Nullable;

/** The tokens for messages and joins, of one connection: on its lane's thread. Without a clock. */
public sealed class RateTokens {
    private final @Nullable TokenBucket messages;
    private final @Nullable TokenBucket joins;

    public RateTokens(RateLimits limits, long now) {
        this.messages =
                limits.messages().map(rate -> new TokenBucket(rate, now)).orElse(null);
        this.joins = limits.joins().map(rate -> new TokenBucket(rate, now)).orElse(null);
    }

    /** Takes a token for a message, heartbeat or leave. Returns 0, or in how many nanoseconds there is one. */
    long message(long now) {
        return Rates.waitFor(messages, now);
    }

    /** The same for a request to join, which takes a token of both rates; of that for joins only if the other has one. */
    long join(long now) {
        long wait = Rates.waitFor(messages, now);
        return wait > 0 ? wait : Rates.waitFor(joins, now);
    }

    /** Whether no token is missing. */
    boolean isFull(long now) {
        return (messages == null || messages.isFull(now)) && (joins == null || joins.isFull(now));
    }

    /** The tokens that the connections of one id share. Any thread. */
    static final class Shared extends RateTokens {
        Shared(RateLimits limits, long now) {
            super(limits, now);
        }

        @Override
        synchronized long message(long now) {
            return super.message(now);
        }

        @Override
        synchronized long join(long now) {
            return super.join(now);
        }

        @Override
        synchronized boolean isFull(long now) {
            return super.isFull(now);
        }
    }
}
