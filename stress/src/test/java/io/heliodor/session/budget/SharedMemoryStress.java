package io.heliodor.session.budget;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Holders of one {@link SharedMemory}. */
public class SharedMemoryStress {
    @JCStressTest
    @Outcome(id = "100, 0", expect = ACCEPTABLE, desc = "The bytes count once while one holder is left, and then not.")
    @State
    public static class TwoHolders {
        private final MemoryBudget budget = new MemoryBudget(1 << 30);
        private final SharedMemory memory = new SharedMemory(budget, 100);

        @Actor
        public void first() {
            memory.retain();
            memory.release();
            memory.retain();
        }

        @Actor
        public void second() {
            memory.retain();
            memory.release();
        }

        @Arbiter
        public void arbiter(JJ_Result r) {
            r.r1 = budget.used();
            memory.release();
            r.r2 = budget.used();
        }
    }
}
