package io.heliodor.link;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** A thread that waits for a {@link Signal} against the one that gives it. */
public class SignalStress {
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "A condition that becomes true before the signal ends the wait.")
    @State
    public static class SignalAgainstAwait {
        private static final long DEADLINE = TimeUnit.SECONDS.toNanos(2);

        private final Signal signal = new Signal();
        private final TimerlessTime time = new TimerlessTime();
        private volatile boolean holds;

        @Actor
        public void waiter(Z_Result r) {
            long begin = System.nanoTime();
            try {
                r.r1 = signal.await(() -> holds, DEADLINE, time) && System.nanoTime() - begin < DEADLINE;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Actor
        public void signal() {
            holds = true;
            signal.signalAll();
        }
    }
}
