package io.heliodor.session.lane;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A handler that leaves its loop against the turn that it leaves. */
public class LoopBatchStress {
    private static final long DEADLINE_SECONDS = 2;
    private static final LoopHandlers HANDLERS =
            new LoopHandlers(LoopThreads.find().orElseThrow(), () -> 0, () -> 0);

    /** A channel whose handler waits, and goes on at the moment at which it blocks or its turn ends. */
    @JCStressTest
    @Outcome(
            id = "written",
            expect = ACCEPTABLE,
            desc = "The writes of a handler after its wait are performed in the turn, or wake the lane.")
    @State
    public static class UnblockedHandler {
        private final LoopTasks loop = new LoopTasks();
        private final Lane lane = loop.lane(Optional.of(HANDLERS));
        private final List<Integer> performed = new ArrayList<>();
        private final CountDownLatch unblocked = new CountDownLatch(1);
        private final CountDownLatch done = new CountDownLatch(1);

        public UnblockedHandler() {
            lane.ready(new Channel(this::writeAroundWait));
        }

        private void writeAroundWait() {
            lane.add(new NumberedEntry(0, 64, performed));
            boolean _ = await(unblocked);
            lane.add(new NumberedEntry(1, 64, performed));
            done.countDown();
        }

        @Actor
        public void turn() {
            boolean _ = loop.pass();
        }

        @Actor
        public void other() {
            unblocked.countDown();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            boolean over = await(done);
            loop.runAll();
            r.r1 = over && performed.equals(List.of(0, 1)) ? "written" : over + " " + performed;
        }
    }

    private record Channel(Runnable handler) implements LoopTask {
        @Override
        public boolean startsOnLoop() {
            return true;
        }

        @Override
        public void runOnLoop(LoopBatch batch) {
            batch.begins(new Promotion(1));
            handler.run();
            if (batch.isOnLoop()) {
                batch.ended();
            }
        }

        @Override
        public void run() {
            throw new AssertionError("it runs on the loop");
        }

        @Override
        public String running() {
            return "";
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
