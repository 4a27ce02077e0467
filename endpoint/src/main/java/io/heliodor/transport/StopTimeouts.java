package io.heliodor.transport;

import java.time.Duration;

/**
 * The deadlines of a server that stops. Together they bound the stop, also if an event loop hangs.
 *
 * @param handlers the time for messages that were read, their deferred replies, and leave hooks, after the last turn of a drain
 * @param step the time in which an event loop does its part of a step; steps that wait for clients or for several loops have
 *     a multiple of it
 */
public record StopTimeouts(Duration handlers, Duration step) {
    /**
     * The documented times.
     *
     * @return 10 s for handlers, 1 s for a step
     */
    public static StopTimeouts defaults() {
        return new StopTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(1));
    }

    /** The time for all turns of a drain over a window, and for handlers after them; longer only if an event loop hangs. */
    Duration drain(Duration window) {
        return window.plus(handlers).plus(step.multipliedBy(5));
    }

    /** The time for one port to be closed. */
    Duration port() {
        return step;
    }

    /** The time for clients to answer their close frames: most do so soon, and each is cut after a second. */
    Duration clients() {
        return step.multipliedBy(3).dividedBy(2);
    }

    /** The time for the rest of the connections to be closed. */
    Duration connections() {
        return step;
    }

    /** The time for the tasks of event loops. */
    Duration tasks() {
        return step.multipliedBy(2);
    }

    /** The time for the event loops to end. */
    Duration loops() {
        return step.multipliedBy(3);
    }
}
