package io.heliodor.session.lane;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Writers of a {@link Lane} against each other, and against its turns. */
public class LaneStress {
    @JCStressTest
    @Outcome(id = "performed", expect = ACCEPTABLE, desc = "An entry that is added during a turn brings a turn.")
    @State
    public static class AddDuringTurn {
        private final LoopTasks loop = new LoopTasks();
        private final Lane lane = loop.lane();
        private final List<Integer> performed = new ArrayList<>();

        public AddDuringTurn() {
            add(0);
        }

        private void add(int number) {
            lane.add(new NumberedEntry(number, 64, performed));
        }

        @Actor
        public void writer() {
            add(1);
            add(2);
        }

        @Actor
        public void turn() {
            loop.pass();
            loop.pass();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            loop.runAll();
            boolean all = performed.equals(List.of(0, 1, 2)) && lane.isIdle();
            r.r1 = all ? "performed" : performed.toString();
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The loop is woken once before a turn.")
    @State
    public static class OneWakeUp {
        private final LoopTasks loop = new LoopTasks();
        private final Lane lane = loop.lane();

        @Actor
        public void first() {
            lane.signal();
        }

        @Actor
        public void second() {
            lane.signal();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = Integer.toString(loop.waiting());
        }
    }
}
