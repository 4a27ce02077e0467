package io.heliodor.session.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.batch.WakeBatch;
import io.heliodor.session.telemetry.Counters;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers of one turn that a thread of the pool runs, and what they wake: a peer, as the senders to other nodes are. */
@Timeout(60)
class HandlerBatchTests {
    private final AtomicInteger turns = new AtomicInteger();
    private final Lane lane = new Lane(
            new CountingLoop(),
            new Counters().traffic(),
            () -> false,
            () -> {},
            _ -> {
                throw new UnsupportedOperationException();
            },
            Optional.empty());
    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Runnable peer = this::wakePeer;
    private final CountDownLatch blocks = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);

    private final class CountingLoop implements Loop {
        @Override
        public boolean inEventLoop() {
            return false;
        }

        @Override
        public boolean execute(Runnable task) {
            turns.incrementAndGet();
            return true;
        }

        @Override
        public void schedule(Runnable task, long nanos) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void afterTasks(Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Shared share(List<byte[]> messages) {
            throw new UnsupportedOperationException();
        }
    }

    private void wakePeer() {
        log.add("peer");
    }

    private void write() {
        lane.add(new LaneEntry.Task(() -> {}));
    }

    private Runnable channel(String name) {
        return () -> {
            WakeBatch.wake(peer);
            write();
            log.add(name);
        };
    }

    private void block() {
        blocks.countDown();
        await(gate);
    }

    private Thread startedUntilItBlocks(HandlerBatch batch) {
        Thread thread = Thread.startVirtualThread(batch);
        await(blocks);
        return thread;
    }

    @Test
    void theHandlersOfATurnWakeOnceAtItsEnd() {
        new HandlerBatch(lane, List.of(channel("a"), channel("b"))).run();
        assertThat(log).containsExactly("a", "b", "peer");
        assertThat(turns).hasValue(1);
    }

    @Test
    void aHandlerAloneWakesImmediately() {
        new HandlerBatch(lane, List.of(channel("a"))).run();
        assertThat(log).containsExactly("peer", "a");
    }

    @Test
    void aHandlerThatIsFoundStuckWakesWhatWasPutOffAndImmediatelyFromThenOn() throws InterruptedException {
        HandlerBatch batch = new HandlerBatch(lane, List.of(channel("a"), () -> {
            block();
            WakeBatch.wake(peer);
            log.add("b");
        }));
        Thread thread = startedUntilItBlocks(batch);
        assertThat(batch.releaseIfStuck()).isFalse();
        assertThat(batch.releaseIfStuck()).isTrue();
        assertThat(log).containsExactly("a", "peer");
        assertThat(turns).hasValue(1);
        gate.countDown();
        thread.join();
        assertThat(log).containsExactly("a", "peer", "peer", "b");
    }

    @Test
    void aLongBatchWakesWhatIsDueEachTimeThatTheLaneLooks() throws InterruptedException {
        HandlerBatch batch = new HandlerBatch(lane, List.of(channel("a"), this::block, channel("b")));
        Thread thread = startedUntilItBlocks(batch);
        assertThat(batch.releaseIfStuck()).isFalse();
        assertThat(log).containsExactly("a", "peer");
        gate.countDown();
        thread.join();
        assertThat(log).containsExactly("a", "peer", "b", "peer");
    }

    @Test
    void aHandlerThatFailsLosesNoWakeUpAndNoOtherChannel() throws InterruptedException {
        CountDownLatch others = new CountDownLatch(1);
        HandlerBatch batch = new HandlerBatch(
                lane,
                List.of(
                        channel("a"),
                        () -> {
                            throw new IllegalStateException("on purpose");
                        },
                        others::countDown));
        assertThatThrownBy(batch::run).hasMessage("on purpose");
        assertThat(log).containsExactly("a", "peer");
        await(others);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
