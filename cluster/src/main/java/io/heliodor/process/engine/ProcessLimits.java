package io.heliodor.process.engine;

import java.time.Duration;

/**
 * The limits of the processes of a node.
 *
 * @param processes the maximum number of processes
 * @param inbox the maximum number of messages that wait for one process
 * @param calls the maximum number of calls without an answer, of this node and of others
 * @param monitors the maximum number of monitors, of this node and of others
 * @param sendTimeout how long a sender waits for a session or for capacity
 * @param grace how long a process may take to end before it is interrupted
 */
public record ProcessLimits(int processes, int inbox, int calls, int monitors, Duration sendTimeout, Duration grace) {
    /**
     * The default limits.
     *
     * @return 1 000 000 processes, 65 536 messages, 100 000 calls, 1 000 000 monitors, 1 s, 5 s
     */
    public static ProcessLimits defaults() {
        return new ProcessLimits(1_000_000, 65_536, 100_000, 1_000_000, Duration.ofSeconds(1), Duration.ofSeconds(5));
    }
}
