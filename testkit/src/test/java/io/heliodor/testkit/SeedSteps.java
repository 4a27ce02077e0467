package io.heliodor.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The steps of one seed of a simulation. If they fail, the message has the shortest list of them that does. */
final class SeedSteps<S> {
    /** The real time in which a shorter list is searched: {@code -Dheliodor.shrink=600} takes ten minutes. */
    private static final Duration SEARCH = Duration.ofSeconds(Long.getLong("heliodor.shrink", 60));

    private final long seed;
    private final List<S> steps;
    private final Seeds.StepSimulation<S> simulation;

    /** Of the list that failed last, which is the shortest one. */
    private @Nullable Throwable failure;

    SeedSteps(long seed, List<S> steps, Seeds.StepSimulation<S> simulation) {
        this.seed = seed;
        this.steps = steps;
        this.simulation = simulation;
    }

    /**
     * Runs all steps, or those of {@code -Dheliodor.steps=2,17}.
     *
     * @throws AssertionError if they fail; its message has the shortest list that does
     */
    void run() {
        String some = System.getProperty("heliodor.steps");
        List<Integer> numbers = some == null
                ? IntStream.range(0, steps.size()).boxed().toList()
                : Arrays.stream(some.split(",", -1))
                        .filter(each -> !each.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
        if (fails(numbers)) {
            long end = System.nanoTime() + SEARCH.toNanos();
            List<Integer> shortest = new StepShrinker<>(this::fails, () -> System.nanoTime() - end < 0).shrink(numbers);
            throw failed(shortest);
        }
    }

    private boolean fails(List<Integer> numbers) {
        try {
            SeededThreads.Course _ = SeededThreads.run(
                    seed, () -> simulation.run(seed, some(numbers).toList()));
            return false;
        } catch (AssertionError | Exception e) {
            failure = e;
            return true;
        }
    }

    private Stream<S> some(List<Integer> numbers) {
        return numbers.stream().map(steps::get);
    }

    private AssertionError failed(List<Integer> numbers) {
        String message = failure == null ? "" : failure.getMessage();
        String text = numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
        return new AssertionError(
                message + "\nBy " + numbers.size() + " of " + steps.size() + " steps, -Dheliodor.seed=" + seed
                        + " -Dheliodor.steps=" + text + "\n"
                        + some(numbers).map(String::valueOf).collect(Collectors.joining("\n")),
                failure);
    }
}
