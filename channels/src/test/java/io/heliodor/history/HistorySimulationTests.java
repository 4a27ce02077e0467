package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.history.HistorySimulation.Fault;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HistorySimulationTests {
    private static final int SEEDS = 150;

    /** {@code -Dheliodor.seeds=10000} runs more histories, {@code -Dheliodor.seed=17} only that one. */
    @Test
    void membersGetEachMessageOnceInOrderOrAReportOfMissedOnes() {
        long first = Long.getLong("heliodor.seed", 0);
        long count = Long.getLong("heliodor.seeds", first == 0 ? SEEDS : 1);
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = first; seed < first + count; seed++) {
            HistorySimulation.run(seed, Fault.NONE).forEach((what, times) -> seen.merge(what, times, Integer::sum));
        }
        if (count >= SEEDS) {
            assertThat(seen)
                    .containsKeys(
                            "ahead",
                            "crash",
                            "cut off in a replay",
                            "evicted",
                            "excluded",
                            "first join",
                            "freeze",
                            "full",
                            "gap",
                            "given up",
                            "leave",
                            "lost",
                            "not recovered",
                            "notified of a gap",
                            "pause",
                            "pause in a round",
                            "recovered",
                            "retired",
                            "session ends",
                            "split",
                            "stream forgotten",
                            "token too long");
        }
    }

    /** A message that was skipped retired a stream whose missing messages were to be skipped next. */
    @Test
    void aStreamThatIsRetiredWhileOthersAreSkippedStaysRetired() {
        assertThat(HistorySimulation.run(6_610, Fault.NONE)).containsKey("retired");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aFaultIsFound(Fault fault) {
        assertThatThrownBy(() -> {
                    for (long seed = 0; seed < SEEDS; seed++) {
                        HistorySimulation.run(seed, fault);
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("Seed");
    }
}
