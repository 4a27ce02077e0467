package io.heliodor.client.session;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The times of a client, in nanoseconds.
 *
 * @param heartbeat the time between two heartbeats, and the time within which a frame follows one
 * @param connectTimeout the time of an attempt to connect
 * @param tokenTimeout the time of the token supplier
 * @param firstDelay the delay before the first attempt to connect again, which doubles with each attempt
 * @param maxDelay the maximum of that delay
 * @param stable the time after which a connection counts as established, so that the delay begins anew
 * @param joinTimeout the time of a join
 * @param joinDelays the delays before a join is repeated; the last one holds for all further ones
 * @param gapDelay the maximum delay of a join anew after a gap
 * @param pushTimeout the time for which a push waits for its join
 * @param repeatTime the time for which a call with a key is repeated
 * @param repeatDelay the time before a call that was refused is repeated
 * @param refreshEvery the time between two refreshes of the token; 0 for never
 * @param closeTimeout the time for which a client that is closed sends what waits
 */
public record Timing(
        long heartbeat,
        long connectTimeout,
        long tokenTimeout,
        long firstDelay,
        long maxDelay,
        long stable,
        long joinTimeout,
        List<Long> joinDelays,
        long gapDelay,
        long pushTimeout,
        long repeatTime,
        long repeatDelay,
        long refreshEvery,
        long closeTimeout) {
    /**
     * The times of the protocol, without a refresh of the token.
     *
     * @return the times
     */
    public static Timing standard() {
        return standard(seconds(30), TimeUnit.MILLISECONDS.toNanos(100), seconds(10), 0);
    }

    /**
     * The times of the protocol, with those that an application chooses.
     *
     * @param heartbeat the time between two heartbeats
     * @param firstDelay the delay before the first attempt to connect again
     * @param maxDelay the maximum of that delay
     * @param refreshEvery the time between two refreshes of the token; 0 for never
     * @return the times
     */
    public static Timing standard(long heartbeat, long firstDelay, long maxDelay, long refreshEvery) {
        return new Timing(
                heartbeat,
                seconds(10),
                seconds(30),
                firstDelay,
                maxDelay,
                seconds(10),
                seconds(10),
                List.of(seconds(1), seconds(2), seconds(5), seconds(10)),
                seconds(1),
                seconds(10),
                seconds(300),
                seconds(1),
                refreshEvery,
                seconds(1));
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
