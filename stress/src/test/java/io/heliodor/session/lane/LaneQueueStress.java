package io.heliodor.session.lane;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Producers of a {@link LaneQueue} against each other, and against the consumer. */
public class LaneQueueStress {
    /** The numbers of the entries that were taken, in order. */
    private static void take(LaneQueue queue, List<Integer> taken, int polls) {
        for (int i = 0; i < polls; i++) {
            if (queue.poll() instanceof NumberedEntry entry) {
                taken.add(entry.number());
            }
        }
    }

    private static String emptied(LaneQueue queue, String ok) {
        if (!queue.isEmpty() || queue.poll() != null) {
            return "an entry is left";
        }
        return queue.cost() == 0 ? ok : "bytes are left: " + queue.cost();
    }

    @JCStressTest
    @Outcome(id = "all, in order", expect = ACCEPTABLE, desc = "Nothing is lost; the order of each producer holds.")
    @State
    public static class TwoProducers {
        private final LaneQueue queue = new LaneQueue();

        @Actor
        public void first() {
            queue.add(new NumberedEntry(1));
            queue.add(new NumberedEntry(2));
        }

        @Actor
        public void second() {
            queue.add(new NumberedEntry(3));
            queue.add(new NumberedEntry(4));
        }

        @Arbiter
        public void arbiter(L_Result r) {
            List<Integer> taken = new ArrayList<>();
            take(queue, taken, 5);
            boolean ordered = taken.size() == 4
                    && taken.indexOf(1) < taken.indexOf(2)
                    && taken.indexOf(3) < taken.indexOf(4)
                    && taken.containsAll(List.of(1, 2, 3, 4));
            r.r1 = ordered ? emptied(queue, "all, in order") : taken.toString();
        }
    }

    /** The queue goes through all of its lengths up to two, so the mark is linked again while a producer adds. */
    @JCStressTest
    @Outcome(id = "all, in order", expect = ACCEPTABLE, desc = "An entry that is not linked yet is taken later.")
    @State
    public static class ProducerAndConsumer {
        private final LaneQueue queue = new LaneQueue();
        private final List<Integer> taken = new ArrayList<>();

        public ProducerAndConsumer() {
            queue.add(new NumberedEntry(0));
        }

        @Actor
        public void producer() {
            queue.add(new NumberedEntry(1));
            queue.add(new NumberedEntry(2));
        }

        @Actor
        public void consumer() {
            take(queue, taken, 4);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            take(queue, taken, 4);
            r.r1 = taken.equals(List.of(0, 1, 2)) ? emptied(queue, "all, in order") : taken.toString();
        }
    }

    @JCStressTest
    @Outcome(
            id = {"added, taken", "not added"},
            expect = ACCEPTABLE,
            desc = "An entry that was added is taken at once.")
    @State
    public static class LinkedEntry {
        private final LaneQueue queue = new LaneQueue();
        private volatile boolean added;

        @Actor
        public void producer() {
            queue.add(new NumberedEntry(1));
            added = true;
        }

        @Actor
        public void consumer(L_Result r) {
            if (added) {
                r.r1 = queue.poll() == null ? "added, missed" : "added, taken";
            } else {
                boolean _ = queue.poll() == null;
                r.r1 = "not added";
            }
        }
    }

    @JCStressTest
    @Outcome(id = "woken", expect = ACCEPTABLE, desc = "The consumer makes room, and the producer goes on.")
    @State
    public static class AwaitRoom {
        private static final long DEADLINE = TimeUnit.SECONDS.toNanos(2);

        private final LaneQueue queue = new LaneQueue();
        private volatile Thread producer;
        private volatile boolean returned;

        public AwaitRoom() {
            queue.add(new NumberedEntry(1, (8 << 20) + 1, new ArrayList<>()));
        }

        @Actor
        public void producer() {
            producer = Thread.currentThread();
            queue.messages().await();
            returned = true;
        }

        @Actor
        public void consumer(L_Result r) {
            LaneEntry entry = queue.poll();
            long begin = System.nanoTime();
            while (!returned && System.nanoTime() - begin < DEADLINE) {
                Thread.onSpinWait();
            }
            r.r1 = entry != null && returned ? "woken" : "not woken";
            while (!returned) {
                Thread stuck = producer;
                if (stuck != null) {
                    stuck.interrupt();
                }
            }
        }
    }
}
