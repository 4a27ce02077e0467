package io.heliodor.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A version vector: a counter for each stream. Immutable. */
public final class VersionVector {
    /** The empty vector. */
    public static final VersionVector NONE = new VersionVector(new long[0], new long[0]);

    private static final long DIGEST_MASK = (1L << 48) - 1;

    /** The ids of the streams, sorted. */
    private final long[] streams;

    private final long[] counters;

    private VersionVector(long[] streams, long[] counters) {
        this.streams = streams;
        this.counters = counters;
    }

    /** The counter of a stream; 0 if the stream is missing. */
    long get(long stream) {
        int at = Arrays.binarySearch(streams, stream);
        return at < 0 ? 0 : counters[at];
    }

    /**
     * Whether a message is at or before this position.
     *
     * @param dot the message
     * @return whether its stream has come as far
     */
    public boolean covers(Dot dot) {
        return get(dot.stream()) >= dot.counter();
    }

    boolean has(long stream) {
        return Arrays.binarySearch(streams, stream) >= 0;
    }

    VersionVector with(long stream, long counter) {
        int at = Arrays.binarySearch(streams, stream);
        if (at >= 0) {
            long[] next = counters.clone();
            next[at] = counter;
            return new VersionVector(streams, next);
        }
        int to = -at - 1;
        return new VersionVector(inserted(streams, to, stream), inserted(counters, to, counter));
    }

    private static long[] inserted(long[] into, int at, long value) {
        long[] next = new long[into.length + 1];
        System.arraycopy(into, 0, next, 0, at);
        next[at] = value;
        System.arraycopy(into, at, next, at + 1, into.length - at);
        return next;
    }

    /** A condition on a stream and its counter. */
    @FunctionalInterface
    interface StreamFilter {
        boolean test(long stream, long counter);
    }

    /** The streams that match a filter; this object if all do. */
    VersionVector where(StreamFilter filter) {
        for (int i = 0; i < streams.length; i++) {
            if (!filter.test(streams[i], counters[i])) {
                return where(filter, i);
            }
        }
        return this;
    }

    /** The streams before the first one that does not match, and the matching ones after it. */
    private VersionVector where(StreamFilter filter, int count) {
        long[] chosen = Arrays.copyOf(streams, streams.length);
        long[] their = Arrays.copyOf(counters, counters.length);
        int to = count;
        for (int i = count + 1; i < streams.length; i++) {
            if (filter.test(streams[i], counters[i])) {
                chosen[to] = streams[i];
                their[to++] = counters[i];
            }
        }
        return to == 0 ? NONE : new VersionVector(Arrays.copyOf(chosen, to), Arrays.copyOf(their, to));
    }

    VersionVector without(long stream) {
        return where((id, _) -> id != stream);
    }

    /** The last message of each stream. */
    List<Dot> dots() {
        List<Dot> dots = new ArrayList<>();
        for (int i = 0; i < streams.length; i++) {
            dots.add(new Dot(streams[i], counters[i]));
        }
        return dots;
    }

    /**
     * The component-wise maximum.
     *
     * @param other the other vector
     * @return for each stream the greater counter
     */
    public VersionVector max(VersionVector other) {
        VersionVector max = this;
        for (int i = 0; i < other.size(); i++) {
            if (!max.has(other.stream(i)) || max.get(other.stream(i)) < other.counter(i)) {
                max = max.with(other.stream(i), other.counter(i));
            }
        }
        return max;
    }

    /**
     * Whether this vector is greater than or equal to another one in each component.
     *
     * @param other the other vector
     * @return whether no counter of the other one is greater
     */
    public boolean covers(VersionVector other) {
        for (int i = 0; i < other.size(); i++) {
            if (get(other.streams[i]) < other.counters[i]) {
                return false;
            }
        }
        return true;
    }

    /** A hash by which logs compare their positions. Streams with the counter 0 do not count. */
    int digest() {
        long hash = 0;
        for (int i = 0; i < streams.length; i++) {
            if (counters[i] > 0) {
                // Mixed: in a polynomial, one more message of a stream and 31 fewer of another one would cancel out.
                long mixed = ((streams[i] * 0x9e3779b97f4a7c15L) ^ counters[i]) * 0xbf58476d1ce4e5b9L;
                hash = (hash + (mixed ^ (mixed >>> 29))) & DIGEST_MASK;
            }
        }
        return Long.hashCode(hash);
    }

    /**
     * The number of streams.
     *
     * @return 0 or more
     */
    public int size() {
        return streams.length;
    }

    long stream(int i) {
        return streams[i];
    }

    long counter(int i) {
        return counters[i];
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VersionVector that
                && Arrays.equals(streams, that.streams)
                && Arrays.equals(counters, that.counters);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(streams) + Arrays.hashCode(counters);
    }

    @Override
    public String toString() {
        return IntStream.range(0, size())
                .mapToObj(i -> Long.toString(streams[i], 36) + ":" + counters[i])
                .collect(Collectors.joining(" "));
    }
}
