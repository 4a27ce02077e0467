package io.heliodor.process.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.heliodor.link.Peer;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** A call that begins against the end of the {@link PeerSession} on which it depends. */
public class PeerSessionStress {
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "The call is notified, by one of both or by both.")
    @State
    public static class AddAgainstClose {
        private final PeerSession session = new PeerSession(new Peer("ben", 2));
        private final AtomicInteger notified = new AtomicInteger();

        @Actor
        public void caller() {
            session.add(exit -> notified.incrementAndGet());
        }

        @Actor
        public void link() {
            session.close();
        }

        @Arbiter
        public void arbiter(Z_Result r) {
            r.r1 = notified.get() > 0;
        }
    }
}
