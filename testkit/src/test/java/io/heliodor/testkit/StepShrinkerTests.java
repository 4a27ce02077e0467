package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The search for the shortest list of steps that fails. */
class StepShrinkerTests {
    private static final List<Integer> STEPS = IntStream.range(0, 100).boxed().toList();

    private final List<List<Integer>> runs = new ArrayList<>();

    private List<Integer> shrink(List<Integer> steps, int mostRuns, Predicate<List<Integer>> fails) {
        return new StepShrinker<Integer>(
                        some -> {
                            runs.add(some);
                            return fails.test(some);
                        },
                        () -> runs.size() < mostRuns)
                .shrink(steps);
    }

    @Test
    void theStepsThatAFailureNeedsAreLeft() {
        assertThat(shrink(STEPS, 1_000, some -> some.containsAll(List.of(3, 50, 98))))
                .containsExactly(3, 50, 98);
        assertThat(runs).hasSizeLessThan(80);
    }

    @Test
    void theStepsKeepTheirOrder() {
        assertThat(shrink(
                        List.of(7, 2, 9, 2, 5),
                        1_000,
                        some -> some.contains(9) && some.lastIndexOf(2) > some.indexOf(9)))
                .containsExactly(9, 2);
    }

    /** The first pass over single steps keeps 1, because 3 is still there. */
    @Test
    void aStepThatIsNeededOnlyBecauseOfALaterOneIsDropped() {
        assertThat(shrink(List.of(1, 3), 1_000, some -> some.contains(1) || !some.contains(3)))
                .isEmpty();
    }

    @Test
    void aFailureWithoutStepsLeavesNone() {
        assertThat(shrink(STEPS, 1_000, some -> true)).isEmpty();
        assertThat(shrink(List.of(), 1_000, some -> true)).isEmpty();
    }

    @Test
    void theShortestSoFarIsTheResultWhenTheTimeIsOver() {
        Predicate<List<Integer>> fails = some -> some.contains(80);
        assertThat(shrink(STEPS, 0, fails)).isEqualTo(STEPS);
        assertThat(runs).isEmpty();
        assertThat(shrink(STEPS, 1, fails)).isEqualTo(STEPS.subList(50, 100));
    }

    @Test
    void aFailedSeedHasTheShortestListOfItsSteps() {
        AtomicInteger counted = new AtomicInteger();
        Seeds.StepSimulation<String> fault = (seed, steps) -> {
            counted.incrementAndGet();
            if (steps.contains("b") && steps.contains("d")) {
                throw new AssertionError("planted at " + seed + " by " + steps);
            }
        };
        assertThatThrownBy(() -> Seeds.run(1, 1, _ -> List.of("a", "b", "c", "d", "e"), fault))
                .isInstanceOf(AssertionError.class)
                .hasMessageMatching(
                        "(?s)Seed \\d+: planted at \\d+ by \\[b, d].*2 of 5 steps.*-Dheliodor.steps=1,3\\nb\\nd");
        assertThat(counted).hasValueGreaterThan(3);
    }
}
