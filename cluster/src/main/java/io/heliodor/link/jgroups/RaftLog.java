package io.heliodor.link.jgroups;

import io.heliodor.link.Input;
import io.heliodor.link.Log;
import io.heliodor.link.Malformed;
import io.heliodor.link.Peer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jgroups.Address;
import org.jspecify.annotations.Nullable;

/** The log of the voters, by the consensus of JGroups. */
final class RaftLog implements Log {
    private final Raft raft;
    private final Voters voters;
    private static final long MOST_WAITING_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final AtomicBoolean ticking = new AtomicBoolean();

    /** Since when a voter has nothing; 0 if none is known. */
    private final AtomicLong waitingSince = new AtomicLong();

    RaftLog(Raft raft, Voters voters) {
        this.raft = raft;
        this.voters = voters;
    }

    @Override
    public CompletableFuture<Outcome> append(byte[] command) {
        if (command.length == 0) {
            throw new IllegalArgumentException("A command has one byte or more.");
        }
        if (!ready()) {
            return CompletableFuture.completedFuture(new Outcome.Refused());
        }
        CompletableFuture<byte[]> added;
        try {
            added = raft.setAsync(command, 0, command.length, null);
        } catch (IllegalStateException e) {
            return CompletableFuture.completedFuture(new Outcome.Refused());
        }
        return added.handle(RaftLog::outcome);
    }

    /** That the lead was lost is told in one way, whether the command had been written or not. */
    private static Outcome outcome(byte @Nullable [] bytes, @Nullable Throwable failure) {
        if (bytes == null || failure != null) {
            return new Outcome.Unknown();
        }
        Input in = new Input(bytes);
        try {
            return new Outcome.Committed(in.number(), in.bytes());
        } catch (Malformed e) {
            return new Outcome.Unknown();
        }
    }

    /**
     * Whether all voters that are members have the beginning of the log: one that has nothing does not count when the next
     * leader is elected. A few seconds at most.
     */
    boolean ready() {
        if (!raft.isLeader()) {
            waitingSince.set(0);
            return true;
        }
        List<Address> empty =
                voters.others().stream().filter(other -> !raft.filled(other)).toList();
        if (empty.isEmpty()) {
            waitingSince.set(0);
            return true;
        }
        long now = System.nanoTime() | 1;
        waitingSince.compareAndSet(0, now);
        return now - waitingSince.get() > MOST_WAITING_NANOS;
    }

    long term() {
        return raft.currentTerm();
    }

    @Override
    public Optional<Peer> leader() {
        return raft.leaderPeer();
    }

    @Override
    public boolean quorum() {
        return voters.quorum();
    }

    /** Time passes. Does not block, and does nothing while it is busy with the last time. */
    void tick() {
        if (ticking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("heliodor-voters").start(() -> {
                try {
                    voters.tick(System.nanoTime());
                    raft.remind();
                } finally {
                    ticking.set(false);
                }
            });
        }
    }

    /** For a person to read. */
    @Override
    public String toString() {
        return "term " + raft.currentTerm() + ", appended " + raft.lastAppended() + ", committed " + raft.commitIndex()
                + ", followers: " + raft.dumpCommitTable();
    }
}
