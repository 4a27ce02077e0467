package io.heliodor.link;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.heliodor.link.Link.Sent;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Senders over a {@link SessionLink}, the threads of its steps, views, and its end. */
public class SessionLinkStress {
    @JCStressTest
    @Outcome(id = "each once", expect = ACCEPTABLE, desc = "Batches have consecutive numbers, and arrive in order.")
    @State
    public static class TwoSenders {
        private final LinkedPair pair = new LinkedPair();

        @Actor
        public void first() {
            Sent _ = pair.offer(1);
            Sent _ = pair.offer(2);
            pair.steps.runAll();
        }

        @Actor
        public void second() {
            Sent _ = pair.offer(3);
            pair.steps.runAll();
            Sent _ = pair.offer(4);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            pair.steps.runAll();
            List<Integer> received = pair.received;
            boolean all = received.size() == 4
                    && received.containsAll(List.of(1, 2, 3, 4))
                    && received.indexOf(1) < received.indexOf(2)
                    && received.indexOf(3) < received.indexOf(4);
            r.r1 = all ? "each once" : received.toString();
        }
    }

    /** The receiver leaves the view and comes back, so its session ends and another one opens. */
    @JCStressTest
    @Outcome(id = "in order", expect = ACCEPTABLE, desc = "Nothing is repeated, and the new session delivers.")
    @State
    public static class LeaveAgainstSend {
        private final LinkedPair pair = new LinkedPair();

        @Actor
        public void sender() {
            Sent _ = pair.offer(1);
            Sent _ = pair.offer(2);
            pair.steps.runAll();
        }

        @Actor
        public void wire() {
            pair.annView(LinkedPair.ANN);
            pair.steps.runAll();
            pair.annView(LinkedPair.ANN, LinkedPair.BEN);
            pair.steps.runAll();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            pair.steps.runAll();
            Sent last = pair.offer(9);
            pair.steps.runAll();
            List<Integer> received = pair.received;
            boolean ordered = List.of(List.of(9), List.of(1, 9), List.of(2, 9), List.of(1, 2, 9))
                    .contains(received);
            r.r1 = last == Sent.QUEUED && ordered ? "in order" : last + ", " + received;
        }
    }

    @JCStressTest
    @Outcome(id = "closed", expect = ACCEPTABLE, desc = "A closed link queues nothing, and sends nothing later.")
    @State
    public static class CloseAgainstSend {
        private final LinkedPair pair = new LinkedPair();

        @Actor
        public void sender() {
            Sent _ = pair.offer(1);
        }

        @Actor
        public void end() {
            pair.ann.close();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            Sent after = pair.offer(2);
            long queued = pair.ann.queued(LinkedPair.BEN);
            pair.steps.runAll();
            boolean closed = after == Sent.NO_SESSION && queued == 0 && !pair.received.contains(2);
            r.r1 = closed ? "closed" : after + ", " + queued + " queued, " + pair.received;
        }
    }

    @JCStressTest
    @Outcome(id = "none after the end", expect = ACCEPTABLE, desc = "The listener of a closed link is not called.")
    @State
    public static class CloseAgainstReceive {
        private final LinkedPair pair = new LinkedPair();
        private int atClose;

        public CloseAgainstReceive() {
            Sent _ = pair.offer(1);
            Sent _ = pair.offer(2);
        }

        @Actor
        public void wire() {
            pair.steps.runAll();
        }

        @Actor
        public void end() {
            pair.ben.close();
            atClose = pair.received.size();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            Sent _ = pair.offer(3);
            pair.steps.runAll();
            r.r1 = pair.received.size() == atClose ? "none after the end" : atClose + ", " + pair.received;
        }
    }
}
