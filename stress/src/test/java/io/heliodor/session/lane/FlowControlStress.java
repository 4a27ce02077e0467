package io.heliodor.session.lane;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Threads that release memory of a client against the lane that stops and resumes its reading. */
public class FlowControlStress {
    /** A client is paused at 20 000 bytes, and read again below 10 000. */
    @JCStressTest
    @Outcome(id = "read", expect = ACCEPTABLE, desc = "A client that holds little is read in the end.")
    @State
    public static class PauseAgainstRelease {
        private final TestClient client = new TestClient(1_000);

        public PauseAgainstRelease() {
            client.flow().hold(16_000);
        }

        @Actor
        public void lane() {
            client.flow().hold(8_000);
        }

        @Actor
        public void handler() {
            client.flow().release(16_000);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = client.reading();
        }
    }

    /** The task that resumes the reading finds too much memory, which is released meanwhile. */
    @JCStressTest
    @Outcome(id = "read", expect = ACCEPTABLE, desc = "A release during the decision is not missed.")
    @State
    public static class ResumeAgainstRelease {
        private final TestClient client = new TestClient(1_000);

        public ResumeAgainstRelease() {
            client.flow().hold(24_000);
            client.flow().release(16_000);
            client.flow().hold(16_000);
        }

        @Actor
        public void lane() {
            client.runTasks();
        }

        @Actor
        public void handler() {
            client.flow().release(16_000);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = client.reading();
        }
    }
}
