package io.heliodor.link.jgroups;

import java.time.Duration;

/**
 * The intervals and timeouts of a wire.
 *
 * @param heartbeat the interval at which each member sends heartbeats; at least 10 ms. A member is suspected after more than
 *     {@value #SUSPICION} intervals without a message
 * @param exclusionTimeout the time without a message after which a member is excluded, unless it answers a ping; longer than
 *     {@code heartbeat}, and counted in such intervals
 * @param verify the time in which it must answer
 * @param join the time to look for members before a node begins a cluster, and to wait for the answer of a coordinator
 * @param merge the maximum time until two parts of a cluster compare their views; at least 1 s
 * @param handshake the maximum duration of a handshake
 */
public record Timing(
        Duration heartbeat,
        Duration exclusionTimeout,
        Duration verify,
        Duration join,
        Duration merge,
        Duration handshake) {
    /** The number of heartbeat intervals without a message that a member may have without suspicion. */
    static final int SUSPICION = 4;

    /**
     * Intervals and timeouts.
     *
     * @throws IllegalArgumentException when one is too short, or they contradict each other
     */
    public Timing {
        if (heartbeat.toMillis() < 10 || exclusionTimeout.compareTo(heartbeat) <= 0) {
            throw new IllegalArgumentException("Silence of " + exclusionTimeout + " must be longer than a heartbeat of "
                    + heartbeat + ", and that at least 10 ms.");
        }
        if (verify.toMillis() < 1 || join.toMillis() < 1 || handshake.toMillis() < 1 || merge.toMillis() < 1000) {
            throw new IllegalArgumentException("Verify, join and handshake take at least 1 ms and merge 1 s: " + verify
                    + ", " + join + ", " + handshake + ", " + merge + ".");
        }
    }

    /**
     * The timing for a network in which a node that sends nothing for 10 s has failed.
     *
     * @return heartbeat 1 s, exclusion after 10 s, verify 500 ms, join 500 ms, merge 5 s, handshake 2 s
     */
    public static Timing defaults() {
        return new Timing(
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofMillis(500),
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofSeconds(2));
    }

    /** The time in which bytes come by each connection that works: three heartbeats, one of which may be late. */
    Duration silence() {
        return Duration.ofNanos((long) (DetourTable.SILENT * heartbeat.toNanos()));
    }

    /**
     * The longest time from the last message of a member until it is excluded: the checks are an interval apart, and the
     * answer is waited for once or twice.
     *
     * @return 12 s by default
     */
    public Duration maxExclusionTime() {
        return exclusionTimeout.plus(heartbeat).plus(verify.multipliedBy(2));
    }

    /**
     * The time without a confirmation after which a session ends: a little longer than any pause that a member survives.
     *
     * @return 13 s by default
     */
    public Duration stall() {
        return maxExclusionTime().plusSeconds(1);
    }
}
