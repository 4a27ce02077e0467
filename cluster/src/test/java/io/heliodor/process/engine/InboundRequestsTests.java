package io.heliodor.process.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests of other nodes that arrive while a new session of their node begins. */
class InboundRequestsTests {
    private static final int ROUNDS = 20_000;

    private final Peer peer = new Peer("a", 1);
    private final EnumCounters<NodeCounter> counters = new EnumCounters<>(NodeCounter.class);
    private final Peers peers = new Peers(
            peer,
            () -> {
                throw new AssertionError("nothing is sent");
            },
            new ManualTime(),
            1 << 20,
            counters);
    private final InboundRequests inbound = new InboundRequests(peers, ProcessLimits.defaults(), counters);

    /** Runs two tasks at the same moment, again and again. */
    private static void race(Runnable one, Runnable other, Runnable afterwards) {
        var barrier = new CyclicBarrier(2);
        var second = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                meet(barrier);
                other.run();
                meet(barrier);
                meet(barrier);
            }
        });
        for (int i = 0; i < ROUNDS; i++) {
            meet(barrier);
            one.run();
            meet(barrier);
            afterwards.run();
            meet(barrier);
        }
        second.join();
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Timeout(60)
    void aMonitorOfASessionThatIsOverIsNotCounted() {
        race(() -> assertThat(inbound.watch(peer, 1, () -> {})).isTrue(), () -> inbound.drop(peer), () -> {
            inbound.unwatch(peer, 1); // its process ends
            assertThat(inbound.monitors()).isZero();
        });
    }

    @Test
    @Timeout(60)
    void aCallOfASessionThatIsOverIsNotCounted() {
        race(() -> inbound.begin(peer, 1), () -> inbound.drop(peer), () -> {
            inbound.drop(peer);
            assertThat(inbound.calls()).isZero();
        });
    }
}
