package io.heliodor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SimulationTests {
    private static final int SEEDS = 300;

    /** {@code -Dheliodor.seeds=10000} runs more histories, {@code -Dheliodor.seed=17} that one alone. */
    @Test
    void theGuaranteesHoldInEveryHistory() {
        long first = Long.getLong("heliodor.seed", 0);
        long count = Long.getLong("heliodor.seeds", first == 0 ? SEEDS : 1);
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = first; seed < first + count; seed++) {
            Simulation.run(seed).seen().forEach((what, times) -> seen.merge(what, times, Integer::sum));
        }
        if (count >= SEEDS) {
            // Each fault and outcome must occur, or the histories show nothing.
            assertThat(seen)
                    .containsOnlyKeys(
                            "all know",
                            "answer Committed",
                            "answer NotOwner",
                            "answer Released",
                            "answer Taken",
                            "answer Unknown",
                            "answer of the resolver",
                            "conflict",
                            "deposed",
                            "duplicate",
                            "full queue",
                            "full set",
                            "gap",
                            "leading",
                            "merge",
                            "merge under another coordinator",
                            "message from a newer view",
                            "message from an older view",
                            "message of a session that ended",
                            "name taken",
                            "not all know in time",
                            "pause",
                            "restart",
                            "sender does not know it is out",
                            "views of equal number")
                    .allSatisfy((what, times) -> assertThat(times).as(what).isGreaterThan(100));
        }
    }

    @Test
    void aSeedReplaysBitForBit() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(Simulation.run(seed)).as("seed %d", seed).isEqualTo(Simulation.run(seed));
        }
        assertThat(Simulation.run(1)).isNotEqualTo(Simulation.run(2));
    }
}
