package io.heliodor.benchmarks;

import java.time.Duration;

/**
 * The common options of runs.
 *
 * @param connections 1 or more
 * @param stalled how many of them, the last ones, stop reading
 * @param topics 1 or more; connections are dealt out to them in turn
 * @param payload bytes
 * @param ramp connections opened a second, at most
 * @param warmUp time before the measured time
 * @param length measured time
 * @param heartbeat time between two heartbeats of a connection
 */
record Plan(
        int connections,
        int stalled,
        int topics,
        int payload,
        int ramp,
        Duration warmUp,
        Duration length,
        Duration heartbeat) {
    /** The bytes of a payload, unless an option sets them. */
    static final int PAYLOAD = 100;

    private static final int RAMP = 5_000;
    private static final Duration HEARTBEAT = Duration.ofSeconds(30);

    /** A run of clients that all read. */
    static Plan of(int connections, int topics, int payload, Duration warmUp, Duration length) {
        return new Plan(connections, 0, topics, payload, RAMP, warmUp, length, HEARTBEAT);
    }
}
