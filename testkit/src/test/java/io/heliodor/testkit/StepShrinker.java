package io.heliodor.testkit;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds a short list of steps that fails, from a long one: drops halves, then smaller parts, then single steps. */
final class StepShrinker<S> {
    private final Predicate<List<S>> fails;
    private final BooleanSupplier hasTime;

    /**
     * A shrinker.
     *
     * @param fails runs steps, and returns whether they fail
     * @param hasTime whether there is time for another run
     */
    StepShrinker(Predicate<List<S>> fails, BooleanSupplier hasTime) {
        this.fails = fails;
        this.hasTime = hasTime;
    }

    /**
     * Shrinks steps.
     *
     * @param steps steps that fail
     * @return some of them in the same order, which fail; with enough time they do not fail without any one of them
     */
    List<S> shrink(List<S> steps) {
        List<S> shortest = List.copyOf(steps);
        int part = (steps.size() + 1) / 2;
        while (part > 0 && hasTime.getAsBoolean()) {
            int before = shortest.size();
            shortest = withoutParts(shortest, part);
            // A step may only be needed because of one that was dropped after it.
            if (part > 1 || shortest.size() == before) {
                part /= 2;
            }
        }
        return shortest;
    }

    private List<S> withoutParts(List<S> steps, int part) {
        List<S> shortest = steps;
        int from = 0;
        while (from < shortest.size() && hasTime.getAsBoolean()) {
            List<S> without = Stream.concat(
                            shortest.stream().limit(from), shortest.stream().skip((long) from + part))
                    .toList();
            if (fails.test(without)) {
                shortest = without;
            } else {
                from += part;
            }
        }
        return shortest;
    }
}
