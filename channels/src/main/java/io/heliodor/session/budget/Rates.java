package io.heliodor.session.budget;

import io.heliodor.limit.RateLimits;
import io.heliodor.wire.Payload;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The rates of one connection: its events of every kind, its joins, and the refusals it is allowed. Without a clock: the
 * session passes the time, on its lane's thread.
 */
public final class Rates {
    /** Enough for an eager client; a client that ignores refusals soon exceeds it. */
    private static final int REFUSAL_BURST = 1_000;

    private static final int REFUSALS_PER_SECOND = 10;

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** The replies by milliseconds up to a second, each made when it is first needed. */
    private static final Payload.@Nullable Json[] REFUSALS_BY_MILLIS = new Payload.@Nullable Json[1_001];

    private final RateTokens tokens;
    private @Nullable TokenBucket refusals;

    public Rates(RateTokens tokens) {
        this.tokens = tokens;
    }

    /** Whether connections have rates. */
    public static boolean areLimited(RateLimits limits) {
        return limits.messages().isPresent() || limits.joins().isPresent();
    }

    /** Takes a token for a message, heartbeat or leave. Returns 0, or in how many nanoseconds there is one. */
    public long message(long now) {
        return tokens.message(now);
    }

    /** The same for a request to join, which takes a token of both rates; of that for joins only if the other has one. */
    public long join(long now) {
        return tokens.join(now);
    }

    /** The same for a rate of a channel. */
    public static long waitFor(@Nullable TokenBucket bucket, long now) {
        return bucket == null || bucket.take(now) ? 0 : bucket.promise(now);
    }

    /** Counts a refusal of any kind. Returns false if there were too many. */
    public boolean refuse(long now) {
        if (refusals == null) {
            refusals = new TokenBucket(REFUSAL_BURST, REFUSALS_PER_SECOND, now);
        }
        return refusals.take(now);
    }

    /** The reply to a refused frame: the milliseconds, rounded up, after which the client may try again. */
    public static Payload.Json refusal(long nanos) {
        long millis = Math.ceilDiv(nanos, NANOS_PER_MILLI);
        if (millis >= REFUSALS_BY_MILLIS.length) {
            return encode(millis);
        }
        Payload.Json refusal = REFUSALS_BY_MILLIS[(int) millis];
        if (refusal == null) {
            refusal = encode(millis);
            REFUSALS_BY_MILLIS[(int) millis] = refusal;
        }
        return refusal;
    }

    private static Payload.Json encode(long millis) {
        byte[] bytes =
                ("{\"reason\":\"rate_limited\",\"retry_after_ms\":" + millis + "}").getBytes(StandardCharsets.US_ASCII);
        return new Payload.Json(bytes, 0, bytes.length);
    }
}
