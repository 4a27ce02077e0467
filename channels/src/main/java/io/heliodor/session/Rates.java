package io.heliodor.session;

import io.heliodor.limit.Limits;
import io.heliodor.limit.TokenBucket;
import io.heliodor.wire.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
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

    /** The answers by milliseconds, each made when it is first needed: the next token is never further than a second. */
    private static final Payload.@Nullable Json[] ANSWERS = new Payload.@Nullable Json[1_001];

    private final @Nullable TokenBucket messages;
    private final @Nullable TokenBucket joins;
    private @Nullable TokenBucket refusals;

    Rates(Limits limits, long now) {
        this.messages =
                limits.messageRate().map(rate -> new TokenBucket(rate, now)).orElse(null);
        this.joins = limits.joinRate().map(rate -> new TokenBucket(rate, now)).orElse(null);
    }

    /** None where nothing is limited: most connections then have nothing of this. */
    static Optional<Rates> of(Limits limits, long now) {
        return limits.messageRate().isPresent() || limits.joinRate().isPresent()
                ? Optional.of(new Rates(limits, now))
                : Optional.empty();
    }

    /** Takes a token for a message, heartbeat or leave. Returns 0, or in how many nanoseconds there is one. */
    long message(long now) {
        return waitFor(messages, now);
    }

    /** The same for a request to join, which takes a token of both rates; of that for joins only if the other has one. */
    long join(long now) {
        long wait = message(now);
        return wait > 0 ? wait : waitFor(joins, now);
    }

    /** The same for a rate of somebody else. */
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

    /** What the client is told: in how many milliseconds, rounded up, it may try again. */
    static Payload.Json answer(long nanos) {
        int millis = (int) Math.ceilDiv(nanos, NANOS_PER_MILLI);
        Payload.Json answer = ANSWERS[millis];
        if (answer == null) {
            byte[] bytes = ("{\"reason\":\"rate_limited\",\"retry_after_ms\":" + millis + "}")
                    .getBytes(StandardCharsets.US_ASCII);
            answer = new Payload.Json(bytes, 0, bytes.length);
            ANSWERS[millis] = answer;
        }
        return answer;
    }
}
