package io.heliodor.link.jgroups;

import java.time.Duration;

/**
 * The intervals and timeouts of a wire.
 *
 * @param heartbeat the interval at which each member sends heartbeats; at least 10 ms
 * @param suspicionTimeout the time without a message after which a member is suspected; longer than {@code heartbeat}
 * @param verify the time in which a suspect must answer, or it is excluded
 * @param join the time to look for members before a node begins a cluster, and to wait for the answer of a coordinator
 * @param merge the maximum time until two parts of a cluster compare their views; at least 1 s
 * @param handshake the maximum duration of a handshake
 */
public record Timing(
        Duration heartbeat,
        Duration suspicionTimeout,
        Duration verify,
        Duration join,
        Duration merge,
        Duration handshake) {
    /**
     * Intervals and timeouts.
     *
     * @throws IllegalArgumentException when one is too short, or they contradict each other
     */
    public Timing {
        if (heartbeat.toMillis() < 10 || suspicionTimeout.compareTo(heartbeat) <= 0) {
            throw new IllegalArgumentException("Silence of " + suspicionTimeout + " must be longer than a heartbeat of "
                    + heartbeat + ", and that at least 10 ms.");
        }
        if (verify.toMillis() < 1 || join.toMillis() < 1 || handshake.toMillis() < 1 || merge.toMillis() < 1000) {
            throw new IllegalArgumentException("Verify, join and handshake take at least 1 ms and merge 1 s: " + verify
                    + ", " + join + ", " + handshake + ", " + merge + ".");
        }
    }

    /**
     * The timing for a network in which 8 s without a message mean a failure.
     *
     * @return heartbeat 2 s, suspicion timeout 8 s, verify 500 ms, join 500 ms, merge 5 s, handshake 2 s
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
