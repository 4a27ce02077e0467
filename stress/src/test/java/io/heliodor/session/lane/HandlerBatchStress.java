package io.heliodor.session.lane;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.heliodor.session.telemetry.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** The thread of a {@link HandlerBatch} against the lane that releases it. */
public class HandlerBatchStress {
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(2);

    @JCStressTest
    @Outcome(id = "each once", expect = ACCEPTABLE, desc = "The batch or the lane runs a channel, and not both.")
    @State
    public static class EachChannelOnce {
        private static final int CHANNELS = 3;

        private final LoopTasks loop = new LoopTasks();
        private final AtomicIntegerArray runs = new AtomicIntegerArray(CHANNELS);
        private final AtomicInteger all = new AtomicInteger();
        private final HandlerBatch batch;

        public EachChannelOnce() {
            List<Runnable> channels = new ArrayList<>();
            for (int i = 0; i < CHANNELS; i++) {
                int channel = i;
                channels.add(() -> {
                    runs.incrementAndGet(channel);
                    all.incrementAndGet();
                });
            }
            batch = new HandlerBatch(loop.lane(), channels);
        }

        @Actor
        public void handlers() {
            batch.run();
        }

        @Actor
        public void lane() {
            boolean released = batch.releaseIfStuck();
            if (!released) {
                boolean _ = batch.releaseIfStuck();
            }
        }

        @Arbiter
        public void arbiter(L_Result r) {
            long begin = System.nanoTime();
            while (all.get() < CHANNELS && System.nanoTime() - begin < DEADLINE) {
                Thread.onSpinWait();
            }
            boolean once = runs.get(0) == 1 && runs.get(1) == 1 && runs.get(2) == 1;
            r.r1 = !once ? runs.toString() : loop.waiting() == 0 ? "the lane is not woken" : "each once";
        }
    }

    /** The first channel writes and then blocks until the lane has performed what it wrote. */
    @JCStressTest
    @Outcome(id = "written", expect = ACCEPTABLE, desc = "The writes of a handler that blocks wake the lane.")
    @State
    public static class BlockedHandler {
        private final LoopTasks loop = new LoopTasks();
        private final Lane lane = loop.lane();
        private final HandlerBatch batch = new HandlerBatch(lane, List.of(this::writeAndBlock, () -> {}));
        private volatile boolean performed;
        private volatile boolean gaveUp;

        private void writeAndBlock() {
            lane.add(new LaneEntry.Task(() -> performed = true));
            while (!performed && !gaveUp) {
                Thread.onSpinWait();
            }
        }

        @Actor
        public void handlers() {
            batch.run();
        }

        @Actor
        public void lane(L_Result r) {
            long begin = System.nanoTime();
            boolean released = false;
            while (!performed && System.nanoTime() - begin < DEADLINE) {
                released = released || batch.releaseIfStuck();
                loop.pass();
                Thread.onSpinWait();
            }
            r.r1 = performed ? "written" : "not written";
            gaveUp = true;
        }
    }

    /** A client waits to be read again until a processor has come to a batch, which begins at that moment. */
    @JCStressTest
    @Outcome(id = "read", expect = ACCEPTABLE, desc = "The client is read again when the batch has begun.")
    @State
    public static class ReaderAwaitsBatch {
        private final LoopTasks loop = new LoopTasks();
        private final Queue<Runnable> threads = new ConcurrentLinkedQueue<>();
        private final Lane lane =
                new Lane(loop, new Counters().traffic(), () -> false, () -> {}, threads::add, Optional.empty());
        private final FlowControl client = new TestClient(1).flow();

        public ReaderAwaitsBatch() {
            lane.addReader(client);
            loop.runAll();
            lane.ready(() -> {});
            loop.runAll();
        }

        @Actor
        public void processor() {
            threads.remove().run();
        }

        @Actor
        public void lane() {
            lane.addReader(client);
            boolean _ = loop.pass();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            loop.runAll();
            r.r1 = lane.isIdle() ? "read" : "not read";
        }
    }
}
