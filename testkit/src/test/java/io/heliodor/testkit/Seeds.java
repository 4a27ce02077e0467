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
     * @param count the number of seeds, unless {@code heliodor.threads.seeds} or {@code heliodor.seed} is set
     * @param most the largest number of seeds by that option
     * @throws AssertionError if a seed fails; its message has the seed
     */
    static void run(long count, long most, Simulation simulation) throws Exception {
        Long only = Long.getLong("heliodor.seed");
        long first = only == null ? 0 : only;
        long last = first
                + (only == null
                        ? Math.min(most, Long.getLong("heliodor.threads.seeds", count))
                        : Long.getLong("heliodor.seeds", 1));
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
