package io.heliodor.presence.crdt;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable set of counters, as the fewest ranges that make it up. While nothing is missing it is a single range from
 * 1, which is what an element of a version vector says; what lies beyond a gap is another range.
 */
final class Ranges {
    static final Ranges NONE = new Ranges();
    static final Ranges ALL = new Ranges(1, Long.MAX_VALUE);

    /** First, last, first, last, ...: ascending, and never one directly behind another. */
    private final long[] bounds;

    private Ranges(long... bounds) {
        this.bounds = bounds;
    }

    /** Both included. */
    static Ranges of(long first, long last) {
        return new Ranges(first, last);
    }

    /** Of ascending counters without repetition. */
    static Ranges of(long[] counters) {
        var ranges = new Collector(2 * counters.length);
        for (long counter : counters) {
            ranges.add(counter, counter);
        }
        return ranges.ranges();
    }

    /** How many ranges there are. */
    int count() {
        return bounds.length / 2;
    }

    long first(int range) {
        return bounds[2 * range];
    }

    long last(int range) {
        return bounds[2 * range + 1];
    }

    boolean isEmpty() {
        return bounds.length == 0;
    }

    boolean isAll() {
        return equals(ALL);
    }

    /** 0 when empty. */
    long greatest() {
        return isEmpty() ? 0 : bounds[bounds.length - 1];
    }

    boolean contains(long counter) {
        int at = Arrays.binarySearch(bounds, counter);
        // Between two bounds: inside a range when the one before is a first.
        return at >= 0 || (-at - 1) % 2 == 1;
    }

    /** This very set when the other adds nothing. */
    Ranges union(Ranges other) {
        if (other.isEmpty() || equals(other)) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        var joined = new Collector(bounds.length + other.bounds.length);
        int mine = 0;
        int theirs = 0;
        while (mine < count() || theirs < other.count()) {
            if (theirs == other.count() || (mine < count() && first(mine) <= other.first(theirs))) {
                joined.add(first(mine), last(mine));
                mine++;
            } else {
                joined.add(other.first(theirs), other.last(theirs));
                theirs++;
            }
        }
        Ranges union = joined.ranges();
        return union.equals(this) ? this : union;
    }

    Ranges minus(Ranges other) {
        var left = new Collector(bounds.length + other.bounds.length);
        int theirs = 0;
        for (int mine = 0; mine < count(); mine++) {
            long from = first(mine);
            boolean covered = false;
            while (!covered && theirs < other.count() && other.first(theirs) <= last(mine)) {
                if (from < other.first(theirs)) {
                    left.add(from, other.first(theirs) - 1);
                }
                if (other.last(theirs) >= last(mine)) {
                    covered = true;
                } else {
                    from = Math.max(from, other.last(theirs) + 1);
                    theirs++;
                }
            }
            if (!covered) {
                left.add(from, last(mine));
            }
        }
        return left.ranges();
    }

    Ranges intersection(Ranges other) {
        return minus(minus(other));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Ranges ranges && Arrays.equals(bounds, ranges.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    @Override
    public String toString() {
        return Arrays.toString(bounds);
    }

    /** Takes ranges by ascending first, and joins those that meet. */
    private static final class Collector {
        private final long[] bounds;
        private int length;

        Collector(int most) {
            this.bounds = new long[most];
        }

        void add(long first, long last) {
            if (length > 0 && first - 1 <= bounds[length - 1]) {
                bounds[length - 1] = Math.max(bounds[length - 1], last);
                return;
            }
            bounds[length++] = first;
            bounds[length++] = last;
        }

        Ranges ranges() {
            return length == 0 ? NONE : new Ranges(Arrays.copyOf(bounds, length));
        }
    }
}
