package io.heliodor.dashboard;

import java.util.List;

/**
 * A row of {@link Handlers}: the calls of one handler on all nodes in the last seconds.
 *
 * @param channel the pattern of its channel, or the path of a socket
 * @param kind what it handles, in lower case
 * @param name its declared name
 * @param perSecond the rate of its calls: the sum of the rates of the nodes
 * @param refused calls whose reply was an error
 * @param failed calls that threw
 * @param buckets calls by time: the index is the number of bits of the time in microseconds. Trailing zeros are left out
 */
record HandlerRow(
        String channel, String kind, String name, double perSecond, long refused, long failed, List<Long> buckets) {
    static HandlerRow of(HandlerTime time, long millis) {
        return new HandlerRow(
                time.channel(),
                time.kind(),
                time.name(),
                time.calls() * 1_000.0 / Math.max(1, millis),
                time.refused(),
                time.failed(),
                time.buckets());
    }

    /** The calls of the same handler on further nodes, too. */
    HandlerRow plus(HandlerRow other) {
        return new HandlerRow(
                channel,
                kind,
                name,
                perSecond + other.perSecond,
                refused + other.refused,
                failed + other.failed,
                HandlerTime.sums(buckets, other.buckets));
    }
}
