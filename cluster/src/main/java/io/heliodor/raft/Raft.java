package io.heliodor.raft;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.Appended;
import io.heliodor.raft.RaftMessage.InstallSnapshot;
import io.heliodor.raft.RaftMessage.Installed;
import io.heliodor.raft.RaftMessage.RequestVote;
import io.heliodor.raft.RaftMessage.Vote;
import io.heliodor.raft.Role.Follower;
import io.heliodor.raft.Role.Unattached;
import io.heliodor.raft.Role.Waiting;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One member of a cluster with voters: Raft with pre-vote, a leader that steps down when no majority replies, reads
 * without an entry in the log, and changes of the voters one at a time (Ongaro, "Consensus: Bridging Theory and Practice",
 * 2014). Members that do not vote get all entries, too.
 *
 * <p>A pure state: no clock, thread, socket or file. Methods process events; {@link #flush} stores the new entries, then
 * sends the replies that depend on them, so one write covers many events. One thread. An exception of the storage or the
 * state machine leaves the object unusable.
 */
public final class Raft {
    /** A snapshot is taken after entries of so many bytes; a quarter of them is kept for followers that lag a little. */
    public static final long SNAPSHOT_BYTES = 1 << 20;

    private final RandomGenerator random;
    private final RaftEffects effects;
    private final RaftState state;
    private final LogReceiver receiver;
    private final OtherLogs others;
    private Role role;

    /** The leader that was replaced because it was silent, and still is. */
    private @Nullable Peer silent;

    /** For operators only: how many voters replied to the leader, by its last heartbeat; 0 if that is not known. */
    private long knownVotes;

    private @Nullable Peer announced;
    private @Nullable Voters announcedVoters;

    /**
     * A member that is alone and knows what its storage has. The state machine has that snapshot, too, when this returns.
     *
     * @param self this node
     * @param configured the voters of a cluster that begins: their names
     * @param storage its disk
     * @param snapshotBytes {@link #SNAPSHOT_BYTES} in production
     * @param random decides which voter is the first to begin an election
     * @param effects performs the actions
     * @param now the time
     * @throws DecodeException when the snapshot cannot be read
     */
    public Raft(
            Peer self,
            Voters configured,
            Storage storage,
            long snapshotBytes,
            RandomGenerator random,
            RaftEffects effects,
            long now)
            throws DecodeException {
        this.random = random;
        this.effects = effects;
        this.state = new RaftState(self, configured, storage, snapshotBytes, effects, now);
        this.receiver = new LogReceiver(state);
        this.others = new OtherLogs(state);
        this.role = new Unattached(new ElectionTimer(random, now));
    }

    /**
     * The current term.
     *
     * @return 0 before the first election
     */
    public long term() {
        return state.term();
    }

    /**
     * The leader as far as this node knows. It may not lead any more.
     *
     * @return the leader, if there is one
     */
    public Optional<Peer> leader() {
        return switch (role) {
            case Leader _ -> Optional.of(state.self());
            case Follower follower -> Optional.of(follower.leader());
            case Candidate _, Unattached _ -> Optional.empty();
        };
    }

    /**
     * The view that was installed last.
     *
     * @return before the first one that of this node alone
     */
    public View view() {
        return state.view();
    }

    /**
     * Whether this node votes: the last list of voters has its directory.
     *
     * @return false also while it has not caught up with an empty directory
     */
    public boolean isVoter() {
        return state.isVoter();
    }

    /**
     * The last committed entry that this node knows. It is applied.
     *
     * @return 0 before the first
     */
    public long commitIndex() {
        return state.commitIndex();
    }

    /**
     * The voters as of the last entry; before the first one those of the settings.
     *
     * @return the voters
     */
    public Voters voters() {
        return state.log().voters();
    }

    /**
     * Whether the view has a majority of the voters.
     *
     * @return false if there can be no leader
     */
    public boolean quorum() {
        return state.hasQuorum();
    }

    /**
     * How many voters replied to the leader lately, by its last heartbeat.
     *
     * @return 0 if that is not known
     */
    public long votes() {
        return role instanceof Leader leader ? leader.followers().votes() : knownVotes;
    }

    /**
     * The entries that the slowest member of the view lacks, if they were committed half a second ago or earlier.
     *
     * @return 0 if this node does not lead
     */
    public long lag() {
        return role instanceof Leader leader ? leader.followers().lag() : 0;
    }

    /**
     * Whether a leader of another log is in the view.
     *
     * @return whether it was active in the last 2 s
     */
    public boolean seesOtherLog() {
        return others.areActive();
    }

    /**
     * The content of this node in memory. It is consistent also after an exception of the storage: a member can go on with it
     * and not vote.
     *
     * @return as a storage would have it
     */
    public Storage.Content content() {
        return state.content();
    }

    // Events.

    /**
     * A view was installed.
     *
     * @param next the view
     */
    public void view(View next) {
        boolean before = state.canElect();
        state.view(next);
        receiver.view();
        switch (role) {
            case Leader leader -> {
                leader.followers().view();
                if (!quorum()) {
                    Unattached _ = detach();
                }
            }
            case Follower follower -> {
                if (!next.has(follower.leader())) {
                    hasten(detach());
                }
            }
            case Waiting waiting -> {
                if (!before && state.canElect()) {
                    hasten(waiting);
                }
            }
        }
    }

    private void hasten(Waiting waiting) {
        waiting.timer().hasten(state.rank(null), state.now());
    }

    /**
     * A session to a member is open.
     *
     * @param peer the member
     */
    public void opened(Peer peer) {
        switch (role) {
            case Leader leader -> leader.followers().opened(peer);
            case Candidate candidate -> candidate.request(peer);
            case Follower _, Unattached _ -> {}
        }
    }

    /**
     * Time passed.
     *
     * @param time the time
     */
    public void tick(long time) {
        state.now(time);
        others.tick(role);
        switch (role) {
            case Leader leader -> {
                if (leader.followers().support()) {
                    leader.tick();
                } else {
                    Unattached _ = detach();
                }
            }
            case Waiting waiting -> {
                if (waiting.timer().isOver(time)) {
                    presumeSilent();
                    Unattached next = detach();
                    next.timer().restart(time);
                    campaign(next, true);
                }
            }
        }
    }

    /** An election begins, here or at another voter, because the leader was silent. Its next message shows that it is not. */
    private void presumeSilent() {
        leader().ifPresent(leader -> silent = leader);
    }

    /**
     * Proposes a command.
     *
     * @param command 1 byte or more; never changed
     * @param ticket any number but 0; it comes back with the outcome
     * @return false if it was not accepted, and never will be committed: this node does not lead, or has too much to do
     */
    public boolean propose(byte[] command, long ticket) {
        return role instanceof Leader leader && leader.propose(command, ticket);
    }

    /**
     * Requests the index that the state must have for a linearizable read that begins now.
     *
     * @param ticket any number but 0; it comes back with the outcome
     * @return false if this node does not lead
     */
    public boolean read(long ticket) {
        return role instanceof Leader leader && leader.read(ticket);
    }

    /**
     * Adds a voter, when a majority of the next list has replied to a heartbeat.
     *
     * @param node its name
     * @param ticket any number but 0; it comes back with the outcome
     * @return why it was not accepted, if so
     */
    public Optional<ChangeRefusal> add(String node, long ticket) {
        return role instanceof Leader leader
                ? leader.changes().add(node, ticket)
                : Optional.of(ChangeRefusal.NOT_LEADING);
    }

    /**
     * Removes a voter, when a majority of the others has replied to a heartbeat.
     *
     * @param node its name
     * @param ticket any number but 0; it comes back with the outcome
     * @return why it was not accepted, if so
     */
    public Optional<ChangeRefusal> remove(String node, long ticket) {
        return role instanceof Leader leader
                ? leader.changes().remove(node, ticket)
                : Optional.of(ChangeRefusal.NOT_LEADING);
    }

    /**
     * A message came.
     *
     * @param from the sender
     * @param message the message
     * @return false if it is of another log, and was ignored
     * @throws DecodeException when a committed command cannot be applied, or a snapshot cannot be read
     */
    public boolean received(Peer from, RaftMessage message) throws DecodeException {
        if (!view().has(from)) {
            return true;
        }
        if (others.has(message) && ignores(from, message)) {
            return false;
        }
        receive(from, message);
        return true;
    }

    /** A message of another log changes neither the term nor the entries of a node whose log decided something, or may have. */
    private boolean ignores(Peer from, RaftMessage message) {
        others.received(from, message);
        if (!state.log().hasDecisions() && !others.resists(role)) {
            if (role instanceof Leader) {
                Unattached _ = detach(); // its log decided nothing, so it is dropped: see adopt
            }
            return false;
        }
        if (message instanceof RequestVote request) {
            long term = request.pre() ? request.term() - 1 : request.term();
            state.send(from, state.vote(term, request.pre(), false));
        }
        return true;
    }

    private void receive(Peer from, RaftMessage message) throws DecodeException {
        if (from.equals(silent)) {
            silent = null;
        }
        boolean preVote = switch (message) {
            case RequestVote request -> request.pre();
            case Vote vote -> vote.pre() && vote.granted();
            default -> false;
        };
        if (message.term() > term() && !preVote) {
            if (message instanceof RequestVote && !leader().equals(Optional.of(from))) {
                presumeSilent();
            }
            state.ballot(state.ballot().in(message.term()));
            Unattached _ = detach();
        }
        switch (message) {
            case RequestVote request -> requested(from, request);
            case Vote vote -> {
                if (role instanceof Candidate candidate && candidate.voted(from.node(), vote)) {
                    count(candidate);
                }
            }
            case AppendEntries append -> {
                if (follow(from, append.term())) {
                    knownVotes = append.voters() > 0 ? append.voters() : knownVotes;
                    receiver.append(from, append);
                } else {
                    receiver.refuse(from, append.round());
                }
            }
            case InstallSnapshot install -> {
                if (follow(from, install.term())) {
                    receiver.install(from, install);
                } else {
                    receiver.refuse(from, 0);
                }
            }
            case Appended appended
            when role instanceof Leader leader && appended.term() == term() ->
                leader.followers().appended(from, appended);
            case Installed installed
            when role instanceof Leader leader && installed.term() == term() ->
                leader.followers().installed(from, installed);
            case Appended _, Installed _ -> {}
        }
    }

    private void requested(Peer from, RequestVote request) {
        ReplicatedLog log = state.log();
        Ballot ballot = state.ballot();
        boolean current = others.has(request) // which counts for more than the entries of this node: see ignores
                || request.lastTerm() > log.lastTerm()
                || (request.lastTerm() == log.lastTerm() && request.lastIndex() >= log.lastIndex());
        boolean allowed = request.begins()
                .map(voters -> state.mayBegin(voters)
                        && (log.isEmpty() || request.continues() == ballot.log().id()))
                .orElse(true);
        boolean granted;
        if (request.pre()) {
            granted = request.term() > ballot.term() && current && allowed && !role.hasLeader(state);
        } else {
            granted = request.term() == ballot.term()
                    && current
                    && allowed
                    && leader().isEmpty()
                    && ballot.votedFor()
                            .filter(voted -> !voted.equals(from.node()))
                            .isEmpty();
            if (granted && role instanceof Waiting waiting) {
                state.ballot(ballot.of(from.node()));
                waiting.timer().postpone(state.now());
            }
        }
        state.send(from, state.vote(request.pre() && granted ? request.term() : ballot.term(), request.pre(), granted));
    }

    private void count(Candidate candidate) {
        if (candidate.isElected()) {
            if (candidate.pre()) {
                campaign(candidate, false);
            } else {
                lead(candidate);
            }
        } else if (!candidate.pre() && !candidate.awaits(silent)) {
            candidate.timer().retry(state.rank(silent), state.now());
        }
    }

    /**
     * Stores and sends what follows from the events since the last call.
     *
     * @throws DecodeException when a committed command cannot be applied
     */
    public void flush() throws DecodeException {
        if (role instanceof Leader leader) {
            if (voters().directories().containsValue("")) {
                leader.changes().readmit(); // at once: until then the loss of one voter may be that of the majority
            }
            leader.changeVoters();
            // The followers store the entries while this node does.
            leader.followers().replicate();
        }
        state.saveBallot();
        state.log().save();
        receiver.sendReplies();
        checkIndexes();
        while (role instanceof Leader leader && commitStored(leader)) {
            // With one voter, and after a voter was removed, more may be committed at once.
            leader.followers().replicate();
        }
        announce();
    }

    /** Returns whether more was committed, and this member still leads. */
    private boolean commitStored(Leader leader) throws DecodeException {
        boolean advances = leader.commit();
        boolean removed = advances && !state.changesVoters() && !isVoter();
        if (removed) {
            Unattached _ = detach();
        }
        if (advances && state.isSnapshotDue()) {
            state.compact(removed ? Long.MAX_VALUE : leader.followers().needed());
        }
        if (!removed) {
            leader.decideReads();
        }
        return advances && !removed;
    }

    private void announce() {
        Peer leader = leader().orElse(null);
        if (!Objects.equals(leader, announced)) {
            announced = leader;
            effects.led(leader());
        }
        if (!voters().equals(announcedVoters)) {
            announcedVoters = voters();
            effects.voters(announcedVoters);
        }
        state.completeDirectory();
    }

    // Transitions.

    /** No leader of this term is known. */
    private Unattached detach() {
        ElectionTimer timer = switch (role) {
            case Leader leader -> {
                leader.end();
                yield new ElectionTimer(random, state.now());
            }
            case Waiting waiting -> waiting.timer();
        };
        Unattached next = new Unattached(timer);
        role = next;
        knownVotes = 0;
        return next;
    }

    /** Follows the sender of entries or of a snapshot, if it leads this term. */
    private boolean follow(Peer from, long term) {
        if (term < term()) {
            return false;
        }
        switch (role) {
            case Leader _ ->
                throw new IllegalStateException("Two nodes lead in term " + term + ": " + state.self() + " and " + from
                        + ". A voter lost its directory.");
            case Waiting waiting -> {
                waiting.timer().postpone(state.now());
                role = new Follower(from, state.now(), waiting.timer());
            }
        }
        return true;
    }

    /** Becomes a candidate, if there may be enough votes. */
    private void campaign(Waiting former, boolean pre) {
        String node = state.self().node();
        boolean listed = state.isListed();
        boolean begins = !listed
                && state.mayBegin(state.configured())
                && state.configured().has(node);
        Voters voters = begins ? state.configured() : voters();
        if (!(listed || begins) || !voters.majority(view().byName().keySet())) {
            return;
        }
        ElectionTimer timer = former.timer();
        if (!pre) {
            state.ballot(state.ballot().in(term() + 1).of(node));
            state.saveBallot(); // its own vote counts at once
            timer.postpone(state.now()); // voters write to their disks before they reply
        }
        Candidate next = new Candidate(state, timer, pre, voters, begins);
        role = next;
        view().members().forEach(next::request);
        count(next);
    }

    private void lead(Candidate elected) {
        Optional<Voters> beginning = elected.beginning();
        if (beginning.isPresent()) {
            long id = 1 + (random.nextLong() & (Long.MAX_VALUE >> 1));
            Ballot ballot = state.ballot();
            state.ballot(ballot.with(
                    new LogId(id, state.log().isEmpty() ? 0 : ballot.log().id())));
        }
        role = new Leader(state, effects, others, beginning);
        if (beginning.isPresent()) {
            // Before another node has it: a member with entries that no voter has would keep the log from beginning.
            state.saveBallot();
            state.log().save();
        }
    }

    // Invariants.

    /** The checks of each flush. */
    private void checkIndexes() {
        state.checkIndexes();
        Invariant.check(
                !(role instanceof Leader leader) || leader.term() == term(), "a leader leads its own term", this);
    }

    /**
     * Checks the whole state. Tests call it after each event.
     *
     * @throws IllegalStateException if an invariant does not hold
     */
    public void checkInvariants() {
        state.checkBallot();
        checkIndexes();
        state.log().checkInvariants();
        receiver.checkInvariants();
        switch (role) {
            case Leader leader -> leader.checkInvariants();
            case Follower follower ->
                Invariant.check(!follower.leader().equals(state.self()), "a node leads if it is its leader", this);
            case Candidate candidate ->
                Invariant.check(
                        candidate.pre()
                                || state.ballot()
                                        .votedFor()
                                        .filter(state.self().node()::equals)
                                        .isPresent(),
                        "a candidate has its own vote",
                        state.ballot(),
                        this);
            case Unattached _ -> {}
        }
    }

    @Override
    public String toString() {
        return state + ", leader " + leader().orElse(null)
                + (role instanceof Leader leader ? ": " + leader.followers() : "") + ", " + state.logRole()
                + ", voters " + voters();
    }
}
