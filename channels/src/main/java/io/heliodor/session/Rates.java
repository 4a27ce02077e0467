package io.heliodor.session;

import io.heliodor.limit.RateLimits;
import io.heliodor.wire.Payload;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The rates of one connection: its events of every kind, its joins, and the refusals it is allowed. Without a clock: the
 * session passes the time, on its lane's thread.
 */
final class Rates {
    /** Enough for a client that is only eager; one that goes on against refusals is soon over it. */
    private static final int REFUSALS = 1_000;

    private static final int REFUSALS_FORGIVEN_A_SECOND = 10;

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** The answers by milliseconds up to a second, each made when it is first needed. */
    private static final Payload.@Nullable Json[] ANSWERS = new Payload.@Nullable Json[1_001];

    private final RateTokens tokens;
    private @Nullable TokenBucket refusals;

    Rates(RateTokens tokens) {
        this.tokens = tokens;
    }

    /** Whether connections have rates. */
    static boolean areLimited(RateLimits limits) {
        return limits.messages().isPresent() || limits.joins().isPresent();
    }

    /** Takes a token for a message, heartbeat or leave. Returns 0, or in how many nanoseconds there is one. */
    long message(long now) {
        return tokens.message(now);
    }

    /** The same for a request to join, which takes a token of both rates; of that for joins only if the other has one. */
    long join(long now) {
        return tokens.join(now);
    }

    /** The same for a rate of a channel. */
    static long waitFor(@Nullable TokenBucket bucket, long now) {
        return bucket == null || bucket.take(now) ? 0 : bucket.nextIn(now);
    }

    /** Takes note of a refusal, whatever was refused. False if there were too many. */
    boolean refuse(long now) {
        if (refusals == null) {
            refusals = new TokenBucket(REFUSALS, REFUSALS_FORGIVEN_A_SECOND, now);
        }
        return refusals.take(now);
    }

    /** The answer to a refused frame: in how many milliseconds, rounded up, the client may try again. */
    static Payload.Json answer(long nanos) {
        long millis = Math.ceilDiv(nanos, NANOS_PER_MILLI);
        if (millis >= ANSWERS.length) {
            return made(millis);
        }
        Payload.Json answer = ANSWERS[(int) millis];
        if (answer == null) {
            answer = made(millis);
            ANSWERS[(int) millis] = answer;
        }
        return answer;
    }

    private static Payload.Json made(long millis) {
        byte[] bytes =
                ("{\"reason\":\"rate_limited\",\"retry_after_ms\":" + millis + "}").getBytes(StandardCharsets.US_ASCII);
        return new Payload.Json(bytes, 0, bytes.length);
    }
}
