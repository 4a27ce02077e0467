package io.heliodor.session.budget;

import io.heliodor.limit.RateLimits;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The rates that the connections of an id share on this endpoint, kept also while it has none, until all tokens have come back. Any
 * thread may use it.
 */
public final class IdRates {
    /** Ids without a connection that tokens are kept for; with more, each new one begins with all of its tokens. */
    private static final int MAX_IDLE = 100_000;

    private final RateLimits limits;
    private final ConcurrentHashMap<String, RateTokens> byId = new ConcurrentHashMap<>();

    public IdRates(RateLimits limits) {
        this.limits = limits;
    }

    /** The tokens of a connection that is open. */
    public RateTokens of(Optional<String> id, long now) {
        return limits.perId() && id.isPresent()
                ? byId.computeIfAbsent(id.get(), _ -> new RateTokens(limits, now))
                : new RateTokens(limits, now);
    }

    /** Drops what equals new tokens, of ids without a connection. */
    public void sweep(Predicate<String> connected, long now) {
        int idle = 0;
        for (String id : byId.keySet()) {
            if (connected.test(id)) {
                continue;
            }
            boolean tooMany = idle >= MAX_IDLE;
            // Tested again, since one that opens meanwhile has asked for its tokens or is about to.
            RateTokens kept = byId.computeIfPresent(
                    id, (key, tokens) -> connected.test(key) || !(tooMany || tokens.isFull(now)) ? tokens : null);
            idle += kept == null ? 0 : 1;
        }
    }

    /** The number of ids that have tokens. */
    int size() {
        return byId.size();
    }
}
