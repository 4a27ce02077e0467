package io.heliodor.process.engine;

import java.time.Duration;

/**
 * What bounds the processes of a node.
 *
 * @param processes how many there may be
 * @param inbox how many messages may wait for one
 * @param calls how many calls may wait for an answer, and how many of other nodes may be worked on
 * @param monitors how many watches of this node may be set, and how many of other nodes are kept
 * @param room how long a sender waits for room on the way to another node
 * @param grace how long a process may take to end by itself
 */
public record ProcessLimits(int processes, int inbox, int calls, int monitors, Duration room, Duration grace) {
    /**
     * What holds if nothing else is said.
     *
     * @return 1 000 000 processes, 65 536 messages, 100 000 calls, 1 000 000 monitors, 1 s, 5 s
     */
    public static ProcessLimits defaults() {
        return new ProcessLimits(1_000_000, 65_536, 100_000, 1_000_000, Duration.ofSeconds(1), Duration.ofSeconds(5));
    }
}
