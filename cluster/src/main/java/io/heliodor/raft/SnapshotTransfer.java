package io.heliodor.raft;

import io.heliodor.link.Invariant;
import java.util.Arrays;

/** A snapshot on its way to a follower, in parts: only a few are sent ahead of those that it confirmed. */
final class SnapshotTransfer {
    private static final int PART = 64 << 10;
    private static final int WINDOW = 8;

    private final Snapshot snapshot;
    private final int parts;
    private int sent;
    private int confirmed;
    private int idleHeartbeats;

    SnapshotTransfer(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.parts = Math.max(1, Math.ceilDiv(snapshot.state().length, PART));
    }

    long index() {
        return snapshot.index();
    }

    void confirm(int received) {
        confirmed = Math.clamp(received, confirmed, sent);
        idleHeartbeats = 0;
    }

    /** A heartbeat goes out. Returns whether nothing was confirmed for so long that a message must be lost. */
    boolean isStuck() {
        return ++idleHeartbeats > 4;
    }

    void checkInvariants() {
        Invariant.check(
                0 <= confirmed && confirmed <= sent && sent <= parts && sent - confirmed <= WINDOW,
                "parts are confirmed after they are sent",
                confirmed,
                sent,
                parts);
    }

    boolean hasNext() {
        return sent < parts && sent - confirmed < WINDOW;
    }

    RaftMessage.InstallSnapshot next(LogId log, long term) {
        byte[] state = snapshot.state();
        int from = sent * PART;
        byte[] part = Arrays.copyOfRange(state, from, Math.min(state.length, from + PART));
        sent++;
        Snapshot head = new Snapshot(snapshot.index(), snapshot.term(), snapshot.voters(), new byte[0]);
        return new RaftMessage.InstallSnapshot(log, term, head, sent, sent == parts, part);
    }
}
