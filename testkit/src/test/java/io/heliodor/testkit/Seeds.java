package io.heliodor.testkit;

/** The seeds of a simulation: those of the build, those that an option asks for, or a single one. */
final class Seeds {
    private Seeds() {}

    /** A simulation of one seed. */
    interface Simulation {
        void run(long seed) throws Exception;
    }

    /**
     * Runs a simulation on {@link SeededThreads}.
     *
     * @param count the number of seeds, unless {@code heliodor.seeds} or {@code heliodor.seed} is set
     * @throws AssertionError if a seed fails; its message has the seed
     */
    static void run(long count, Simulation simulation) throws Exception {
        long first = Long.getLong("heliodor.seed", 0);
        long last = first + Long.getLong("heliodor.seeds", first == 0 ? count : 1);
        for (long seed = first; seed < last; seed++) {
            long number = seed;
            try {
                SeededThreads.Course _ = SeededThreads.run(seed, () -> simulation.run(number));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("Seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
