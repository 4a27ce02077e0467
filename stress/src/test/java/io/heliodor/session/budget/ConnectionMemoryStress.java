package io.heliodor.session.budget;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Threads that count the memory of one client. */
public class ConnectionMemoryStress {
    @JCStressTest
    @Outcome(id = "30000", expect = ACCEPTABLE, desc = "The budget has what the client holds.")
    @State
    public static class TwoThreads {
        private final MemoryBudget budget = new MemoryBudget(1 << 30);
        private final ConnectionMemory memory = new ConnectionMemory(budget);

        @Actor
        public void first() {
            memory.add(40_000);
            memory.release(20_000);
        }

        @Actor
        public void second() {
            memory.add(30_000);
            memory.release(20_000);
        }

        @Arbiter
        public void arbiter(J_Result r) {
            memory.settle();
            r.r1 = budget.used();
        }
    }

    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "A release at the end of the connection reaches the budget.")
    @State
    public static class EndAgainstRelease {
        private final MemoryBudget budget = new MemoryBudget(1 << 30);
        private final ConnectionMemory memory = new ConnectionMemory(budget);

        public EndAgainstRelease() {
            memory.add(10_000);
        }

        @Actor
        public void handler() {
            memory.release(10_000);
        }

        @Actor
        public void lane() {
            memory.end();
        }

        @Arbiter
        public void arbiter(J_Result r) {
            r.r1 = budget.used();
        }
    }
}
