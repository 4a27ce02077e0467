package io.heliodor.batch;

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

/** Threads that add elements to a {@link SerialQueue} against the end of the thread that takes them. */
public class SerialQueueStress {
    /** A queue whose thread is the one that adds the first element. Each element fails. */
    private static final class Elements extends SerialQueue<Integer> {
        final List<Integer> taken = new ArrayList<>();
        private final AtomicBoolean taking = new AtomicBoolean();
        private volatile boolean twoThreads;

        @Override
        protected void start(Runnable task) {
            task.run();
        }

        @Override
        protected void receive(Integer element) {
            if (taking.getAndSet(true)) {
                twoThreads = true;
            }
            taken.add(element);
            taking.set(false);
            throw new IllegalStateException();
        }

        @Override
        protected void failed(Integer element, Throwable failure) {}

        String all() {
            return twoThreads ? "two threads" : !isIdle() ? "not idle" : taken.toString();
        }
    }

    @JCStressTest
    @Outcome(id = "in order", expect = ACCEPTABLE, desc = "Each element is taken once, in the order of its thread.")
    @State
    public static class AddAgainstEnd {
        private final Elements elements = new Elements();

        @Actor
        public void first() {
            elements.add(1);
            elements.add(2);
        }

        @Actor
        public void second() {
            elements.add(3);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String all = elements.all();
            boolean ordered = all.equals("[1, 2, 3]") || all.equals("[1, 3, 2]") || all.equals("[3, 1, 2]");
            r.r1 = ordered ? "in order" : all;
        }
    }
}
