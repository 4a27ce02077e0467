package io.heliodor.session.lane;

/** Broadcasts that wait for the end of a turn. On the lane's thread. */
public interface PendingBatch {
    /** Writes the broadcasts. Called once in the turn. */
    void flushBatch();
}
