package io.heliodor.interop.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The search of Wing and Gong: is there one order of all operations that keeps to their times and that the object, alone
 * and step by step, would have answered in the same way? Configurations that were seen before are not searched again.
 */
final class Linearizability {
    /** The return of an operation whose answer was lost: it may have happened at any time, or not at all. */
    static final long NEVER = Long.MAX_VALUE;

    private Linearizability() {}

    /**
     * One operation.
     *
     * @param text for people
     * @param invoked when it began
     * @param returned when it was answered, or {@link #NEVER}
     * @param step the state after it, or nothing if it cannot have been answered so in that state
     */
    record Operation<S>(String text, long invoked, long returned, Step<S> step) {
        @Override
        public String toString() {
            return text + " [" + invoked + ", " + (returned == NEVER ? "?" : returned) + "]";
        }
    }

    /**
     * A change that the object may make by itself, any number of times, in a period.
     *
     * @param from not before
     * @param until not after
     * @param step the state after it, or nothing if it does nothing
     */
    record Chance<S>(long from, long until, Step<S> step) {}

    /** The effect of an operation on the object. */
    @FunctionalInterface
    interface Step<S> {
        Optional<S> after(S state);
    }

    private record Configuration<S>(BitSet done, S state) {}

    /** The violation of a history, if it has one: the longest order, and the operations that did not fit after it. */
    static <S> Optional<String> violation(S initial, List<Operation<S>> history, List<Chance<S>> chances) {
        List<Operation<S>> operations = history.stream()
                .sorted(Comparator.comparingLong(Operation::invoked))
                .toList();
        Deque<Configuration<S>> open = new ArrayDeque<>();
        Set<Configuration<S>> seen = new HashSet<>();
        Configuration<S> farthest = new Configuration<>(new BitSet(), initial);
        open.push(farthest);
        seen.add(farthest);
        while (!open.isEmpty()) {
            Configuration<S> now = open.pop();
            if (now.done().cardinality() > farthest.done().cardinality()) {
                farthest = now;
            }
            long firstReturn = firstReturn(operations, now.done());
            if (firstReturn == NEVER) {
                return Optional.empty();
            }
            for (Chance<S> chance : chances) {
                if (chance.from() <= firstReturn && lastInvocation(operations, now.done()) <= chance.until()) {
                    chance.step().after(now.state()).ifPresent(state -> {
                        Configuration<S> reached = new Configuration<>(now.done(), state);
                        if (seen.add(reached)) {
                            open.push(reached);
                        }
                    });
                }
            }
            for (int next : possible(operations, now.done(), firstReturn)) {
                operations.get(next).step().after(now.state()).ifPresent(state -> {
                    BitSet done = (BitSet) now.done().clone();
                    done.set(next);
                    Configuration<S> reached = new Configuration<>(done, state);
                    if (seen.add(reached)) {
                        open.push(reached);
                    }
                });
            }
        }
        return Optional.of(complaint(operations, farthest));
    }

    /** No operation that is left can come after this time. */
    private static <S> long firstReturn(List<Operation<S>> operations, BitSet done) {
        long first = NEVER;
        for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
            first = Math.min(first, operations.get(i).returned());
        }
        return first;
    }

    /** It is at least as late as this. */
    private static <S> long lastInvocation(List<Operation<S>> operations, BitSet done) {
        return done.isEmpty()
                ? Long.MIN_VALUE
                : operations.get(done.length() - 1).invoked();
    }

    /** Those that may be the next: they began before any that is left was answered. */
    private static <S> List<Integer> possible(List<Operation<S>> operations, BitSet done, long firstReturn) {
        List<Integer> possible = new ArrayList<>();
        for (int i = done.nextClearBit(0);
                i < operations.size() && operations.get(i).invoked() <= firstReturn;
                i = done.nextClearBit(i + 1)) {
            possible.add(i);
        }
        return possible;
    }

    private static <S> String complaint(List<Operation<S>> operations, Configuration<S> farthest) {
        long firstReturn = firstReturn(operations, farthest.done());
        return "not linearizable: in state " + farthest.state() + ", after "
                + farthest.done().cardinality() + " of "
                + operations.size() + " operations, none of these can be next:\n"
                + possible(operations, farthest.done(), firstReturn).stream()
                        .map(i -> "  " + operations.get(i))
                        .collect(Collectors.joining("\n"));
    }
}
