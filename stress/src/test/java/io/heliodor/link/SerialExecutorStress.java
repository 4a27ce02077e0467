package io.heliodor.link;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Threads that add tasks to a {@link SerialExecutor} against the steps that run them, and its end. */
public class SerialExecutorStress {
    private static final Peer SELF = new Peer("ann", 1);

    /** An executor, and what its tasks did. */
    private static final class Tasks {
        final StepQueue steps = new StepQueue();
        final SerialExecutor executor = new SerialExecutor();
        final List<Integer> ran = new ArrayList<>();
        private final AtomicBoolean running = new AtomicBoolean();
        private volatile boolean twoThreads;

        Tasks() {
            executor.start(step -> steps.run(SELF, step));
        }

        void execute(int number) {
            executor.execute(() -> {
                if (running.getAndSet(true)) {
                    twoThreads = true;
                }
                ran.add(number);
                running.set(false);
            });
        }

        String all() {
            steps.runAll();
            return twoThreads ? "two threads" : !executor.isQuiescent() ? "not quiescent" : ran.toString();
        }
    }

    @JCStressTest
    @Outcome(id = "in order", expect = ACCEPTABLE, desc = "Each task runs once, in the order of its thread.")
    @State
    public static class TwoThreads {
        private final Tasks tasks = new Tasks();

        @Actor
        public void first() {
            tasks.execute(1);
            tasks.execute(2);
            tasks.steps.runAll();
        }

        @Actor
        public void second() {
            tasks.execute(3);
            tasks.steps.runAll();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String all = tasks.all();
            boolean ordered = all.equals("[1, 2, 3]") || all.equals("[1, 3, 2]") || all.equals("[3, 1, 2]");
            r.r1 = ordered ? "in order" : all;
        }
    }

    @JCStressTest
    @Outcome(id = "none after the end", expect = ACCEPTABLE, desc = "No task runs after the executor is closed.")
    @State
    public static class CloseAgainstSteps {
        private final Tasks tasks = new Tasks();
        private int atClose;

        public CloseAgainstSteps() {
            tasks.execute(1);
            tasks.execute(2);
        }

        @Actor
        public void steps() {
            tasks.steps.runAll();
        }

        @Actor
        public void end() {
            tasks.executor.close();
            atClose = tasks.ran.size();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String all = tasks.all();
            r.r1 = all.startsWith("[") && tasks.ran.size() == atClose ? "none after the end" : atClose + ", " + all;
        }
    }
}
