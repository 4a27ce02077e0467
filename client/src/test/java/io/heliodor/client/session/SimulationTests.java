package io.heliodor.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Random schedules of a client against a model of a server: {@code -Dheliodor.seeds}, 300 by default; each ends with a quiet phase. */
class SimulationTests {
    private static final int SEEDS = Integer.getInteger("heliodor.seeds", 300);
    private static final long FIRST = Long.getLong("heliodor.seed", 1);

    @Test
    void everyScheduleKeepsTheGuarantees() {
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            Simulation simulation = new Simulation(seed);
            try {
                simulation.run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", -Dheliodor.seed begins with it\n" + simulation.log(), e);
            }
        }
    }

    /** The schedules are worth something only if they reach the rare cases. */
    @Test
    void theSchedulesReachTheRareCases() {
        CounterValues all = new CounterValues();
        long repliesAfterRepeats = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            Simulation simulation = new Simulation(seed);
            simulation.run();
            for (ClientCounter counter : ClientCounter.values()) {
                for (long i = simulation.counters.get(counter); i > 0; i--) {
                    all.increment(counter);
                }
            }
            repliesAfterRepeats += simulation.repeatedAnswers;
        }
        for (ClientCounter counter : new ClientCounter[] {
            ClientCounter.CONNECTIONS,
            ClientCounter.FAILED_ATTEMPTS,
            ClientCounter.SILENT_CONNECTIONS,
            ClientCounter.MALFORMED_FRAMES,
            ClientCounter.STALE_FRAMES,
            ClientCounter.FAILED_JOINS,
            ClientCounter.GAPS,
            ClientCounter.DROPPED_PUSHES,
            ClientCounter.REPEATED_CALLS,
            ClientCounter.PAUSES
        }) {
            assertThat(all.get(counter)).as("%s", counter).isGreaterThan(SEEDS / 20);
        }
        assertThat(repliesAfterRepeats).isPositive();
    }
}
