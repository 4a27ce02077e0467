package io.heliodor.raft;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Invariant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** A member that leads, for one term: pending proposals and reads, and the changes of the voters. */
final class Leader implements Role {
    private static final long HEARTBEAT_NANOS = 500_000_000L;

    /** How many proposals may wait for their commit. */
    private static final int MAX_PROPOSALS = 4_096;

    private static final byte[] NOTHING = {};

    private record Read(long ticket, long round, long index) {}

    private final RaftState state;
    private final RaftEffects effects;
    private final Proposals proposals;
    private final Followers followers;
    private final OtherLogs others;
    private final VoterChanges changes;
    private final Deque<Read> reads = new ArrayDeque<>();
    private long heartbeatAt;

    /**
     * A leader that begins its term.
     *
     * @param others while one of them outranks its log, it accepts no command, no read and no change of the voters
     * @param beginning the voters, if the log begins with them
     */
    Leader(RaftState state, RaftEffects effects, OtherLogs others, Optional<Voters> beginning) {
        this.state = state;
        this.effects = effects;
        this.proposals = new Proposals(state.log(), state.term(), beginning);
        this.followers = new Followers(state, proposals.first());
        this.others = others;
        this.changes = new VoterChanges(state, proposals, followers, others);
        this.heartbeatAt = state.now() + HEARTBEAT_NANOS;
    }

    long term() {
        return proposals.term();
    }

    Followers followers() {
        return followers;
    }

    VoterChanges changes() {
        return changes;
    }

    /** Returns whether the command was added. It shows that a majority has the first list of its log: see adopt. */
    boolean propose(byte[] command, long ticket) {
        boolean possible = state.commitIndex() >= proposals.first()
                && proposals.size() < MAX_PROPOSALS
                && !others.outrank(followers);
        if (possible) {
            proposals.add(command, ticket);
        }
        return possible;
    }

    /** Returns whether the read was accepted. */
    boolean read(long ticket) {
        if (others.outrank(followers)) {
            return false;
        }
        reads.add(new Read(ticket, followers.nextRound(), Math.max(state.commitIndex(), proposals.first())));
        return true;
    }

    void tick() {
        if (state.now() >= heartbeatAt) {
            heartbeatAt = state.now() + HEARTBEAT_NANOS;
            followers.tick();
        }
        changes.readmit();
    }

    /** Makes a change of the voters that can be made. */
    void changeVoters() {
        changes.perform().ifPresent(ticket -> effects.decided(ticket, new RaftOutcome.TooFew()));
    }

    /** Commits what a majority has stored. Returns whether that is more than before. */
    boolean commit() throws DecodeException {
        long stored = followers.stored();
        boolean advances = stored > state.commitIndex() && state.log().term(stored) == term();
        while (advances && state.commitIndex() < stored) {
            byte[] result = state.applyNext();
            long index = state.commitIndex();
            proposals
                    .decided(index)
                    .ifPresent(ticket -> effects.decided(ticket, new RaftOutcome.Committed(index, result)));
        }
        return advances;
    }

    /** Decides reads whose round a majority replied to, if all that they must see is committed. */
    void decideReads() {
        long confirmed = followers.confirmed(state.log().voters());
        while (!reads.isEmpty()
                && reads.getFirst().round() <= confirmed
                && reads.getFirst().index() <= state.commitIndex()) {
            Read read = reads.removeFirst();
            effects.decided(read.ticket(), new RaftOutcome.Committed(read.index(), NOTHING));
        }
    }

    /** This member does not lead any more. */
    void end() {
        proposals.undecided().forEach(this::unknown);
        reads.forEach(read -> unknown(read.ticket()));
        changes.waiting().ifPresent(this::unknown);
    }

    private void unknown(long ticket) {
        effects.decided(ticket, new RaftOutcome.Unknown());
    }

    /** Checks the progress of all members, and what waits. */
    void checkInvariants() {
        followers.checkInvariants();
        proposals.checkInvariants(state.commitIndex());
        Invariant.check(
                reads.stream()
                        .allMatch(read -> read.index() >= proposals.first() && read.round() <= followers.round() + 1),
                "a read waits for the first entry of the term, and for the next round at most",
                reads,
                followers.round(),
                followers);
    }
}
