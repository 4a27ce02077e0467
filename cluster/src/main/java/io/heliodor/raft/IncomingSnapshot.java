package io.heliodor.raft;

import io.heliodor.link.Peer;
import java.io.ByteArrayOutputStream;

/** A snapshot that comes from a leader in parts. */
final class IncomingSnapshot {
    private final Peer leader;
    private final Snapshot head;
    private final ByteArrayOutputStream state = new ByteArrayOutputStream();
    private int parts;

    IncomingSnapshot(Peer leader, Snapshot head) {
        this.leader = leader;
        this.head = head;
    }

    /** Adds the next part. Returns false for any other one: parts of two leaders or snapshots must not be mixed. */
    boolean add(Peer from, RaftMessage.InstallSnapshot message) {
        boolean next = from.equals(leader)
                && message.head().index() == head.index()
                && message.head().term() == head.term()
                && message.part() == parts + 1;
        if (next) {
            parts++;
            state.writeBytes(message.state());
        }
        return next;
    }

    /** The snapshot without its state. */
    Snapshot head() {
        return head;
    }

    int parts() {
        return parts;
    }

    Snapshot whole() {
        return new Snapshot(head.index(), head.term(), head.voters(), state.toByteArray());
    }
}
