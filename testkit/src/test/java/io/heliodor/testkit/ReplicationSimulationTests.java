package io.heliodor.testkit;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplicationSimulationTests {
    /** {@code -Dheliodor.threads.seeds=600} runs more of them, {@code -Dheliodor.seed=17} only that one. */
    @Test
    void allNodesAgreeAfterTheFaults() throws Exception {
        Seeds.run(140, 10_000, seed -> Step.draw(new Random(seed)), (seed, steps) -> {
            try (ReplicationSimulation simulation = new ReplicationSimulation(seed)) {
                simulation.run(steps);
            }
        });
    }
}
