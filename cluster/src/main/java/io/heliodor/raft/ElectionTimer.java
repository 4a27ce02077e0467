package io.heliodor.raft;

import java.util.random.RandomGenerator;

/** The time when a member without the lead begins an election, if no message of a leader comes before. */
final class ElectionTimer {
    /** A leader that is silent for this time is replaced: 2 s, and up to a second more for each voter. */
    static final long TIMEOUT_NANOS = 2_000_000_000L;

    private static final long JITTER_NANOS = 1_000_000_000L;
    private static final long RANK_NANOS = 200_000_000L;
    private static final long RETRY_NANOS = 300_000_000L;

    private final RandomGenerator random;
    private long electAt;

    ElectionTimer(RandomGenerator random, long now) {
        this.random = random;
        postpone(now);
    }

    void postpone(long now) {
        electAt = now + TIMEOUT_NANOS + random.nextLong(JITTER_NANOS);
    }

    boolean isOver(long now) {
        return now >= electAt;
    }

    /** An election begins, and the next one if this one has no candidate. */
    void restart(long now) {
        electAt = now + RETRY_NANOS + random.nextLong(RETRY_NANOS);
    }

    /** There is certainly no leader, so the voters need not wait for the time-out. They begin one after the other. */
    void hasten(int rank, long now) {
        electAt = Math.min(electAt, now + rank * RANK_NANOS);
    }

    /** The votes of this term are split, so its candidates begin again one after the other. */
    void retry(int rank, long now) {
        electAt = Math.min(electAt, now + RETRY_NANOS * (1 + Math.max(0, rank)) + random.nextLong(RETRY_NANOS));
    }
}
