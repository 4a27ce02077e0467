package io.heliodor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.simulation.VoterHistory.CrashPoint;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VoterSimulationTests {
    private static final int SEEDS = 1_000;
    private static final int SEEDS_WITH_CLIENTS = 100;

    /** Of a history: the first elections, entries and changes of voters. */
    private static final int MAX_WRITES = 40;

    /** {@code -Dheliodor.seeds=10000} runs more histories, {@code -Dheliodor.seed=17} that one alone. */
    @Test
    void votersAgreeInEveryHistory() {
        long first = Long.getLong("heliodor.seed", 0);
        long count = Long.getLong("heliodor.seeds", first == 0 ? SEEDS : 1);
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = first; seed < first + count; seed++) {
            VoterSimulation.run(seed).seen().forEach((what, times) -> seen.merge(what, times, Integer::sum));
        }
        if (count >= SEEDS) {
            assertThat(seen)
                    .containsOnlyKeys(
                            "broken disk",
                            "change of voters",
                            "committed",
                            "crash",
                            "crash at a write",
                            "crash of a machine",
                            "damaged file",
                            "lost disk",
                            "pause of a leader",
                            "read",
                            "restore",
                            "snapshot",
                            "unknown")
                    .allSatisfy((what, times) -> assertThat(times).as(what).isGreaterThan(100));
        }
    }

    @Test
    void namesAreLinearizableInEveryHistory() {
        long first = Long.getLong("heliodor.seed", 0);
        long count = Long.getLong("heliodor.seeds", first == 0 ? SEEDS_WITH_CLIENTS : 1);
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = first; seed < first + count; seed++) {
            VoterSimulation.runWithClients(seed).seen().forEach((what, times) -> seen.merge(what, times, Integer::sum));
        }
        if (count >= SEEDS_WITH_CLIENTS) {
            assertThat(seen)
                    .extractingByKeys("answer to a client", "death of a client", "lost answer", "snapshot", "unknown")
                    .allSatisfy(times -> assertThat(times).isGreaterThan(100));
        }
    }

    /** Each write in turn, before and after it reaches the disk, and with a host that starts again at once or late. */
    @Test
    void votersAgreeAfterACrashAtAnyWrite() {
        long first = Long.getLong("heliodor.seed", 0);
        long count = Math.ceilDiv(Long.getLong("heliodor.seeds", first == 0 ? SEEDS : 1), 200);
        for (long seed = first; seed < first + count; seed++) {
            int writes = VoterSimulation.run(seed, new CrashPoint(Integer.MAX_VALUE, false, false));
            for (int write = 0; write < Math.min(writes, MAX_WRITES); write++) {
                for (boolean after : List.of(false, true)) {
                    VoterSimulation.run(seed, new CrashPoint(write, after, false));
                    VoterSimulation.run(seed, new CrashPoint(write, after, true));
                }
            }
        }
    }

    @Test
    void aSeedReplaysBitForBit() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(VoterSimulation.run(seed)).as("seed %d", seed).isEqualTo(VoterSimulation.run(seed));
        }
    }
}
