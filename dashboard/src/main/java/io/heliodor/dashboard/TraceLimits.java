package io.heliodor.dashboard;

import java.time.Duration;

/**
 * The limits of the traces of a node.
 *
 * @param traces the maximum number of traces
 * @param time the time after which a trace ends
 * @param frames the maximum number of frames of a trace
 * @param bytes the maximum heap of the frames of a trace, about
 * @param unread the time without a reading after which a trace ends, and an ended one is forgotten
 * @param payload the bytes of a payload that is shown
 */
record TraceLimits(int traces, Duration time, int frames, int bytes, Duration unread, int payload) {
    static final TraceLimits DEFAULTS =
            new TraceLimits(4, Duration.ofMinutes(5), 1_000, 1 << 20, Duration.ofMinutes(1), 2_048);
}
