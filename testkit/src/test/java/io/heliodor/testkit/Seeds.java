package io.heliodor.testkit;

import java.util.List;
import java.util.function.LongFunction;

/** The seeds of a simulation: those of the build, those that an option asks for, or a single one. */
final class Seeds {
    private Seeds() {}

    /** A simulation of one seed. */
    interface Simulation {
        void run(long seed) throws Exception;
    }

    /** A simulation of one seed that runs steps, of which some may be left out. */
    interface StepSimulation<S> {
        void run(long seed, List<S> steps) throws Exception;
    }

    /**
     * Runs a simulation on {@link SeededThreads}.
     *
     * @param count the number of seeds, unless {@code heliodor.threads.seeds} or {@code heliodor.seed} is set
     * @param most the largest number of seeds by that option
     * @throws AssertionError if a seed fails; its message has the seed
     */
    static void run(long count, long most, Simulation simulation) throws Exception {
        each(count, most, seed -> {
            SeededThreads.Course _ = SeededThreads.run(seed, () -> simulation.run(seed));
        });
    }

    /**
     * Runs the steps of each seed, as {@link #run(long, long, Simulation)} does. If they fail, the shortest list of them that
     * does is searched for a minute, with the same seed for the order of threads.
     *
     * @param draw draws the steps of a seed
     */
    static <S> void run(long count, long most, LongFunction<List<S>> draw, StepSimulation<S> simulation)
            throws Exception {
        each(count, most, seed -> new SeedSteps<>(seed, draw.apply(seed), simulation).run());
    }

    private static void each(long count, long most, Simulation simulation) throws Exception {
        Long only = Long.getLong("heliodor.seed");
        long first = only == null ? 0 : only;
        long last = first
                + (only == null
                        ? Math.min(most, Long.getLong("heliodor.threads.seeds", count))
                        : Long.getLong("heliodor.seeds", 1));
        for (long seed = first; seed < last; seed++) {
            try {
                simulation.run(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("Seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
