package io.heliodor.session.budget;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.limit.RateLimits;
import org.jspecify.annotations.Nullable;

/** The tokens for messages and joins, of one connection or of all that have one id. Any thread. Without a clock. */
public final class RateTokens {
    @GuardedBy("this")
    private final @Nullable TokenBucket messages;

    @GuardedBy("this")
    private final @Nullable TokenBucket joins;

    public RateTokens(RateLimits limits, long now) {
        this.messages =
                limits.messages().map(rate -> new TokenBucket(rate, now)).orElse(null);
        this.joins = limits.joins().map(rate -> new TokenBucket(rate, now)).orElse(null);
    }

    /** Takes a token for a message, heartbeat or leave. Returns 0, or in how many nanoseconds there is one. */
    synchronized long message(long now) {
        return Rates.waitFor(messages, now);
    }

    /** The same for a request to join, which takes a token of both rates; of that for joins only if the other has one. */
    synchronized long join(long now) {
        long wait = Rates.waitFor(messages, now);
        return wait > 0 ? wait : Rates.waitFor(joins, now);
    }

    /** Whether no token is missing. */
    synchronized boolean isFull(long now) {
        return (messages == null || messages.isFull(now)) && (joins == null || joins.isFull(now));
    }
}
