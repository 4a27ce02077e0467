package io.heliodor.dashboard;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The times of one handler since a page began to show them.
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

    /** The times of the same handler on two nodes together. */
    HandlerTime plus(HandlerTime other) {
        List<Long> sums = IntStream.range(0, Math.max(buckets.size(), other.buckets.size()))
                .mapToObj(i -> at(buckets, i) + at(other.buckets, i))
                .toList();
        return new HandlerTime(
                channel, kind, name, calls + other.calls, refused + other.refused, failed + other.failed, sums);
    }

    private static long at(List<Long> counts, int i) {
        return i < counts.size() ? counts.get(i) : 0;
    }
}
