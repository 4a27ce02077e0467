package io.heliodor.session.once;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.once.CallKey;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeptAnswer;
import io.heliodor.once.OnceLimits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.telemetry.Counters;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OnceCallsTests {
    private static final CallKey KEY = new CallKey("users:ann", "k");
    private static final long WAIT = 2_000_000_000;

    private final AtomicLong clock = new AtomicLong();
    private final Counters counters = new Counters();

    /** On a busy machine the thread of a waiting repeat may run after the end of its time. No sweep follows in this test. */
    @Test
    void theTimeOfARepeatBeginsWithItsPlace() {
        OnceLimits limits = new OnceLimits(1_000 * WAIT, 10, 100, 10_000, 100_000, 10_000, 1, WAIT);
        try (PubSub pubsub = PubSub.local()) {
            OnceCalls calls =
                    OnceCalls.of(pubsub, pubsub.scope("calls"), limits, clock::get, new MemoryBudget(1 << 20));
            Fingerprint content = new Fingerprint(1, 2);
            assertThat(calls.begin(KEY, content, counters)).isInstanceOf(OnceOutcome.Run.class);
            assertThat(calls.reserveWait(KEY, counters)).isEmpty();
            long since = calls.now();
            clock.addAndGet(WAIT);
            assertThat(CompletableFuture.supplyAsync(() -> calls.await(KEY, content, since, counters)))
                    .succeedsWithin(Duration.ofSeconds(30))
                    .usingRecursiveComparison()
                    .isEqualTo(KeptAnswer.error("still_running"));
        }
    }
}
