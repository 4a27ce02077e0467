package io.heliodor.dashboard;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The calls of one handler in the last seconds.
 *
 * @param channel the pattern of its channel, or the path of a socket
 * @param kind what it handles, in lower case
 * @param name its declared name
 * @param calls the number of its calls
 * @param refused calls whose reply was an error
 * @param failed calls that threw
 * @param buckets calls by time: the index is the number of bits of the time in microseconds. Trailing zeros are left out
 */
record HandlerTime(
        String channel, String kind, String name, long calls, long refused, long failed, List<Long> buckets) {
    HandlerTime {
        buckets = Absent.orEmpty(buckets);
    }

    static List<Long> sums(List<Long> some, List<Long> others) {
        return IntStream.range(0, Math.max(some.size(), others.size()))
                .mapToObj(i -> at(some, i) + at(others, i))
                .toList();
    }

    /** The calls since an earlier reading of the same totals. */
    HandlerTime minus(HandlerTime earlier) {
        List<Long> since = IntStream.range(0, buckets.size())
                .mapToObj(i -> buckets.get(i) - at(earlier.buckets, i))
                .toList();
        return new HandlerTime(
                channel, kind, name, calls - earlier.calls, refused - earlier.refused, failed - earlier.failed, since);
    }

    private static long at(List<Long> counts, int i) {
        return i < counts.size() ? counts.get(i) : 0;
    }
}
