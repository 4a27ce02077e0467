package io.heliodor.link.jgroups;

import java.time.Duration;

/**
 * How long things may take.
 *
 * @param heartbeat how often each member says that it is alive; at least 10 ms
 * @param silence after how long without a word a member is suspected; longer than {@code heartbeat}
 * @param verify how long a suspect has to answer before it is excluded
 * @param join how long to look for members before a node stays alone, and to wait for an answer of one
 * @param merge at most how long until two parts of a cluster try to become one; at least 1 s
 * @param handshake how long a connection may take until both ends know each other
 */
public record Timing(
        Duration heartbeat, Duration silence, Duration verify, Duration join, Duration merge, Duration handshake) {
    /**
     * Timing that is consistent.
     *
     * @throws IllegalArgumentException when it is not
     */
    public Timing {
        if (heartbeat.toMillis() < 10 || silence.compareTo(heartbeat) <= 0) {
            throw new IllegalArgumentException("Silence of " + silence + " must be longer than a heartbeat of "
                    + heartbeat + ", and that at least 10 ms.");
        }
        if (verify.toMillis() < 1 || join.toMillis() < 1 || handshake.toMillis() < 1 || merge.toMillis() < 1000) {
            throw new IllegalArgumentException("Verify, join and handshake take at least 1 ms and merge 1 s: " + verify
                    + ", " + join + ", " + handshake + ", " + merge + ".");
        }
    }

    /**
     * For a network in which a silence of 8 s means that something is wrong.
     *
     * @return heartbeat 2 s, silence 8 s, verify 500 ms, join 500 ms, merge 5 s, handshake 2 s
     */
    public static Timing defaults() {
        return new Timing(
                Duration.ofSeconds(2),
                Duration.ofSeconds(8),
                Duration.ofMillis(500),
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofSeconds(2));
    }
}
