package io.heliodor.link;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.heliodor.link.Link.Sent;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Threads that add to a {@link SendQueue} against the one that takes, and those that confirm, withdraw and end. */
public class SendQueueStress {
    private static final Time TIME = new TimerlessTime();

    /** Room for two envelopes of one byte, of 33 each. */
    private static final int TWO = 70;

    private static SendQueue open(int capacity) {
        SendQueue queue = new SendQueue(1, 1, capacity, 40, TIME);
        queue.open();
        return queue;
    }

    private static byte[] envelope(int number) {
        return new byte[] {(byte) number};
    }

    /** Takes and confirms all, and returns the numbers in order. */
    private static List<Integer> takeAll(SendQueue queue, long taken) {
        List<Integer> numbers = new ArrayList<>();
        List<byte[]> batch = new ArrayList<>();
        long batches = taken;
        boolean _ = queue.confirm(batches);
        while (queue.take(batch, 1_000)) {
            batch.forEach(each -> numbers.add((int) each[0]));
            batch.clear();
            boolean _ = queue.confirm(++batches);
        }
        return numbers;
    }

    @JCStressTest
    @Outcome(id = "in order", expect = ACCEPTABLE, desc = "Each envelope is taken once, in order; no cost is left.")
    @State
    public static class OfferAgainstTake {
        private final SendQueue queue = open(1_000);
        private final List<Integer> taken = new ArrayList<>();
        private int batches;

        @Actor
        public void sender() {
            Sent _ = queue.offer(envelope(1));
            Sent _ = queue.offer(envelope(2));
        }

        @Actor
        public void taker() {
            for (int i = 0; i < 2; i++) {
                List<byte[]> batch = new ArrayList<>();
                if (queue.take(batch, 1)) {
                    batches++;
                    batch.forEach(each -> taken.add((int) each[0]));
                }
            }
        }

        @Arbiter
        public void arbiter(L_Result r) {
            taken.addAll(takeAll(queue, batches));
            boolean all = taken.equals(List.of(1, 2)) && queue.depth() == 0;
            r.r1 = all ? "in order" : taken + ", cost " + queue.depth();
        }
    }

    @JCStressTest
    @Outcome(id = "decided", expect = ACCEPTABLE, desc = "A sender that waits is let in by the room that comes.")
    @State
    public static class WaitAgainstConfirm {
        private final SendQueue queue = open(TWO);
        private SendQueue.Waiter waiter;

        public WaitAgainstConfirm() {
            Sent _ = queue.offer(envelope(1));
            Sent _ = queue.offer(envelope(2));
            boolean _ = queue.take(new ArrayList<>(), 1_000);
        }

        @Actor
        public void sender() {
            waiter = queue.enqueue(envelope(3));
        }

        @Actor
        public void receiver() {
            boolean _ = queue.confirm(1);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            boolean decided = waiter.decided().isDone();
            Sent sent = waiter.withdraw();
            List<Integer> left = takeAll(queue, 1);
            r.r1 = decided && sent == Sent.QUEUED && left.equals(List.of(3)) ? "decided" : sent + " " + left;
        }
    }

    @JCStressTest
    @Outcome(
            id = {"QUEUED, in the queue", "FULL, not in the queue"},
            expect = ACCEPTABLE,
            desc = "The result agrees with the queue.")
    @State
    public static class WithdrawAgainstConfirm {
        private final SendQueue queue = open(TWO);
        private final SendQueue.Waiter waiter;
        private Sent sent;

        public WithdrawAgainstConfirm() {
            Sent _ = queue.offer(envelope(1));
            Sent _ = queue.offer(envelope(2));
            boolean _ = queue.take(new ArrayList<>(), 1_000);
            waiter = queue.enqueue(envelope(3));
        }

        @Actor
        public void sender() {
            sent = waiter.withdraw();
        }

        @Actor
        public void receiver() {
            boolean _ = queue.confirm(1);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            List<Integer> left = takeAll(queue, 1);
            r.r1 = sent
                    + (left.equals(List.of(3))
                            ? ", in the queue"
                            : left.isEmpty() ? ", not in the queue" : ", " + left);
        }
    }

    @JCStressTest
    @Outcome(id = "ended", expect = ACCEPTABLE, desc = "After the end nothing is queued, and no sender waits.")
    @State
    public static class WaitAgainstEnd {
        private final SendQueue queue = open(TWO);
        private SendQueue.Waiter waiter;

        public WaitAgainstEnd() {
            Sent _ = queue.offer(envelope(1));
            Sent _ = queue.offer(envelope(2));
        }

        @Actor
        public void sender() {
            waiter = queue.enqueue(envelope(3));
        }

        @Actor
        public void end() {
            queue.shut();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            boolean decided = waiter.decided().isDone();
            Sent sent = waiter.withdraw();
            boolean ended = decided && sent == Sent.NO_SESSION && queue.depth() == 0;
            r.r1 = ended ? "ended" : "decided " + decided + ", " + sent + ", cost " + queue.depth();
        }
    }
}
