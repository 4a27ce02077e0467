package io.heliodor.raft;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.raft.RaftMessage.LogRole;
import io.heliodor.raft.RaftMessage.Vote;
import io.heliodor.raft.Storage.Condition;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The state of a member in all roles: its ballot, its log up to the commit index, its view, and the time. */
final class RaftState {
    /** Entries that a follower still needs are kept up to so many times as much, so that a large transfer completes. */
    private static final int MAX_KEPT = 16;

    private static final byte[] NOTHING = {};

    private final Peer self;
    private final Voters configured;
    private final Storage storage;
    private final String directory;
    private final long snapshotBytes;
    private final RaftEffects effects;
    private final ReplicatedLog log;
    private View view;
    private long now;
    private Ballot ballot;

    /** The ballot that the storage has. */
    private Ballot stored;

    private long commitIndex;
    private long bytesSinceSnapshot;

    RaftState(Peer self, Voters configured, Storage storage, long snapshotBytes, RaftEffects effects, long now)
            throws DecodeException {
        this.self = self;
        this.configured = configured;
        this.storage = storage;
        this.directory = storage.directory();
        this.snapshotBytes = snapshotBytes;
        this.effects = effects;
        this.now = now;
        this.view = new View(new ViewId(0, self), List.of(self), false);
        Storage.Content content = storage.content();
        this.ballot = content.ballot();
        this.stored = ballot;
        this.log = new ReplicatedLog(storage, content, configured);
        this.commitIndex = log.snapshot().index();
        if (commitIndex > 0) {
            effects.restore(log.snapshot().state());
        }
    }

    Peer self() {
        return self;
    }

    /** The voters of a cluster that begins: their names. */
    Voters configured() {
        return configured;
    }

    String directory() {
        return directory;
    }

    ReplicatedLog log() {
        return log;
    }

    long commitIndex() {
        return commitIndex;
    }

    Storage.Content content() {
        return log.content(ballot.in(ballot.term()), commitIndex);
    }

    // View and time.

    View view() {
        return view;
    }

    void view(View next) {
        view = next;
    }

    long now() {
        return now;
    }

    void now(long time) {
        now = time;
    }

    /** Whether the view has a majority of the voters. */
    boolean hasQuorum() {
        return log.voters().majority(view.byName().keySet());
    }

    /**
     * Whether it makes sense to elect now. A log that begins waits for all voters for a while, so that all of them vote
     * from the beginning.
     */
    boolean canElect() {
        return log.isEmpty() ? view.byName().keySet().containsAll(configured.nodes()) : hasQuorum();
    }

    /** The place of this member among the voters of the view, or -1. */
    int rank(@Nullable Peer without) {
        return view.members().stream()
                .filter(peer -> log.voters().has(peer.node()) && !peer.equals(without))
                .toList()
                .indexOf(self);
    }

    // Votes.

    /** Whether the last list of voters has the directory of this member. */
    boolean isVoter() {
        return log.voters().has(self.node(), directory);
    }

    /** How many voters in the settings have a directory in the list of the log. */
    long begunBy() {
        Set<String> begun = log.voters().withDirectory();
        return configured.nodes().stream().filter(begun::contains).count();
    }

    /** Whether a list of voters is not committed yet. */
    boolean changesVoters() {
        return log.votersIndex() > commitIndex;
    }

    /** Whether the votes of others elect this member. A leader that removes itself may be the only one with that entry. */
    boolean isListed() {
        return isVoter() || (changesVoters() && log.votersBefore().has(self.node(), directory));
    }

    LogRole logRole() {
        if (log.isEmpty()) {
            // A log that it has lost goes on elsewhere: no other one may begin.
            return storage.condition() == Condition.INCOMPLETE ? LogRole.COPY : LogRole.EMPTY;
        }
        if (isVoter()) {
            return LogRole.VOTER;
        }
        return storage.condition() == Condition.RECOVERED ? LogRole.RECOVERED : LogRole.COPY;
    }

    /** Whether this member may begin a log with voters of these names. */
    boolean mayBegin(Voters voters) {
        LogRole role = logRole();
        return (role == LogRole.EMPTY || role == LogRole.RECOVERED)
                && !directory.isEmpty()
                && voters.nodes().equals(configured.nodes());
    }

    /** The voters have named this directory: it has all entries again. */
    void completeDirectory() {
        if (storage.condition() != Condition.WHOLE && isVoter() && !changesVoters()) {
            storage.condition(Condition.WHOLE);
        }
    }

    Ballot ballot() {
        return ballot;
    }

    long term() {
        return ballot.term();
    }

    void ballot(Ballot next) {
        ballot = next;
    }

    Vote vote(long term, boolean pre, boolean granted) {
        return new Vote(term, pre, granted, directory, logRole());
    }

    /** A message may depend on the ballot, so the ballot is stored before. */
    void send(Peer to, RaftMessage message) {
        saveBallot();
        effects.send(to, message);
    }

    void saveBallot() {
        if (!ballot.equals(stored)) {
            checkBallot();
            storage.save(ballot);
            stored = ballot;
        }
    }

    // Entries and snapshots.

    void commit(long to) throws DecodeException {
        while (commitIndex < to) {
            byte[] _ = applyNext();
        }
        if (isSnapshotDue()) {
            compact(Long.MAX_VALUE);
        }
    }

    /** Commits and applies the next entry. Returns the result of a command. */
    byte[] applyNext() throws DecodeException {
        RaftEntry entry = log.get(commitIndex + 1);
        byte[] result = entry.kind() == RaftEntry.Kind.COMMAND ? effects.apply(entry.index(), entry.data()) : NOTHING;
        commitIndex++;
        bytesSinceSnapshot += entry.size();
        return result;
    }

    /** Whether there are enough new entries for a snapshot. A large state is not written for a few entries. */
    boolean isSnapshotDue() {
        return bytesSinceSnapshot > Math.max(snapshotBytes, log.snapshot().state().length) && !changesVoters();
    }

    /**
     * Takes a snapshot.
     *
     * @param needed entries after this one are kept for followers
     */
    void compact(long needed) {
        saveBallot();
        bytesSinceSnapshot = 0;
        Snapshot snapshot = new Snapshot(commitIndex, log.term(commitIndex), log.voters(), effects.snapshot());
        log.compact(snapshot, snapshotBytes / 4, needed, MAX_KEPT * snapshotBytes);
    }

    void restore(Snapshot snapshot) throws DecodeException {
        saveBallot();
        log.reset(snapshot);
        effects.restore(snapshot.state());
        commitIndex = snapshot.index();
        bytesSinceSnapshot = 0;
    }

    /**
     * Takes the log of a leader. Entries of another log may have the same index and term, so they are not mixed with it. A
     * log without a command was perhaps begun by a minority, while the other voters began this one: it decided nothing.
     *
     * @return whether the former log was dropped
     */
    boolean adopt(LogId leaders) {
        if (leaders.equals(ballot.log())) {
            return false;
        }
        boolean continued = logRole() == LogRole.RECOVERED
                && leaders.continues() == ballot.log().id();
        boolean dropped = !log.isEmpty() && !continued;
        if (dropped) {
            saveBallot();
            log.clear(configured);
            commitIndex = 0;
            bytesSinceSnapshot = 0;
        }
        ballot = ballot.with(leaders);
        return dropped;
    }

    // Invariants.

    /** The next ballot breaks no promise of the stored one. */
    void checkBallot() {
        Invariant.check(ballot.term() >= stored.term(), "a term does not fall", ballot, stored);
        Invariant.check(
                ballot.term() > stored.term()
                        || stored.votedFor().isEmpty()
                        || stored.votedFor().equals(ballot.votedFor()),
                "a term has one vote",
                ballot,
                stored);
    }

    /** The checks of each flush. */
    void checkIndexes() {
        Invariant.check(
                log.snapshot().index() <= commitIndex && commitIndex <= log.lastIndex(),
                "what is in the snapshot is committed, and what is committed is in the log",
                log.snapshot().index(),
                this);
        Invariant.check(log.lastTerm() <= ballot.term(), "no entry is of a later term", log.lastTerm(), this);
    }

    @Override
    public String toString() {
        return "term " + ballot.term() + ", last entry " + log.lastIndex() + ", committed " + commitIndex;
    }
}
