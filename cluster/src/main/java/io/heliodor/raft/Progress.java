package io.heliodor.raft;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The progress of one member in the log of a leader. */
final class Progress {
    /** How many messages with entries may be under way. */
    private static final int WINDOW = 16;

    /** The entries up to this one are those of the leader. */
    private long matchIndex;

    /** The next entry to send. */
    private long nextIndex;

    /** The directory that has its entries, as of its last reply. */
    private String directory = "";

    private boolean hasReplied;

    /** The last round of heartbeats that it replied to. */
    private long round;

    private long sentRound = -1;
    private long sentCommit = -1;

    /** When it last replied, in nanoseconds. */
    private long lastReply;

    /** Whether it is not known where the two logs meet: then one message with entries is under way at a time. */
    private boolean probing = true;

    private boolean probeSent;

    /** The last entry of each message under way. */
    private final ArrayDeque<Long> underWay = new ArrayDeque<>();

    private @Nullable SnapshotTransfer transfer;

    Progress(long nextIndex, long now) {
        this.nextIndex = nextIndex;
        this.lastReply = now;
    }

    long matchIndex() {
        return matchIndex;
    }

    boolean hasReplied() {
        return hasReplied;
    }

    /** The entry after which it needs all others; 0 if nothing is known of it. */
    long settled() {
        return transfer == null ? matchIndex : transfer.index();
    }

    String directory() {
        return directory;
    }

    long nextIndex() {
        return nextIndex;
    }

    long round() {
        return round;
    }

    long lastReply() {
        return lastReply;
    }

    /** The snapshot that is sent in the place of entries. */
    @Nullable
    SnapshotTransfer transfer() {
        return transfer;
    }

    void transfer(SnapshotTransfer next) {
        transfer = next;
    }

    /** Messages under way may be lost: the place where the logs meet is looked for again. */
    void restart(long lastIndex) {
        probe(matchIndex > 0 ? matchIndex + 1 : lastIndex + 1);
        transfer = null;
        sentRound = -1;
    }

    private void probe(long from) {
        nextIndex = from;
        probing = true;
        probeSent = false;
        underWay.clear();
    }

    boolean hasRoom() {
        return probing ? !probeSent : underWay.size() < WINDOW;
    }

    boolean lacks(long currentRound, long commitIndex) {
        return sentRound < currentRound || sentCommit < commitIndex;
    }

    /** So many entries from the next one on, or none, were sent. */
    void sent(int entries, long currentRound, long commitIndex) {
        sentRound = currentRound;
        sentCommit = commitIndex;
        if (entries > 0 && probing) {
            probeSent = true;
        } else if (entries > 0) {
            nextIndex += entries;
            underWay.add(nextIndex - 1);
        }
    }

    /** A heartbeat goes out. */
    void heartbeat() {
        probeSent = false; // the reply may be lost, though the session to the member goes on
        if (transfer != null && transfer.isStuck()) {
            transfer = null;
        }
    }

    /** A reply to entries came. A member that gave its directory up does not store any more what it confirmed. */
    void replied(String from, long toRound, long now) {
        if (hasReplied && !from.equals(directory)) {
            matchIndex = 0;
            transfer = null;
            probe(nextIndex);
        }
        directory = from;
        hasReplied = true;
        replied(toRound, now);
    }

    void replied(long toRound, long now) {
        round = Math.max(round, toRound);
        lastReply = now;
    }

    /** Its log has the entries up to this one. */
    void matched(long index) {
        if (transfer != null && index < transfer.index()) {
            return; // the reply to a heartbeat
        }
        transfer = null;
        matchIndex = Math.max(matchIndex, index);
        if (probing) {
            probing = false;
            nextIndex = matchIndex + 1;
        } else {
            nextIndex = Math.max(nextIndex, matchIndex + 1);
        }
        while (!underWay.isEmpty() && underWay.getFirst() <= matchIndex) {
            underWay.removeFirst();
        }
    }

    /** Checks the indexes against the log of the leader. */
    void checkInvariants(Peer peer, long lastIndex, long currentRound) {
        Invariant.check(
                0 <= matchIndex && matchIndex < nextIndex && nextIndex <= lastIndex + 1,
                "what is sent follows what matches, and is in the log",
                peer,
                matchIndex,
                nextIndex,
                lastIndex);
        Invariant.check(
                round <= currentRound && sentRound <= currentRound,
                "no reply is to a later round",
                peer,
                round,
                sentRound,
                currentRound);
        long before = 0;
        for (long last : underWay) {
            Invariant.check(
                    before < last && last < nextIndex, "messages under way are in order", peer, underWay, nextIndex);
            before = last;
        }
        Invariant.check(
                hasReplied || matchIndex == 0, "a member without a reply has confirmed nothing", peer, matchIndex);
        if (transfer != null) {
            transfer.checkInvariants();
        }
    }

    /** Its log has another entry, or none, before those that were sent. */
    void refused(long hint) {
        long next = Math.max(matchIndex + 1, Math.min(hint, nextIndex));
        // A refusal that leads nowhere must not be answered at once: it would come again, without end.
        if (transfer == null && (next < nextIndex || !probing)) {
            probe(next);
        }
    }
}
