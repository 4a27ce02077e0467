package io.heliodor.raft;

import io.heliodor.link.DecodeException;
import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.Appended;
import io.heliodor.raft.RaftMessage.InstallSnapshot;
import io.heliodor.raft.RaftMessage.Installed;
import io.heliodor.raft.RaftMessage.LogRole;
import io.heliodor.raft.RaftMessage.RequestVote;
import io.heliodor.raft.RaftMessage.Vote;
import io.heliodor.raft.Storage.Condition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** A leader that is silent for this time is replaced: 2 s, and up to a second more for each voter. */
    public static final long ELECTION_NANOS = 2_000_000_000L;

    private static final long JITTER_NANOS = 1_000_000_000L;
    private static final long RANK_NANOS = 200_000_000L;
    private static final long RETRY_NANOS = 300_000_000L;
    private static final long HEARTBEAT_NANOS = 500_000_000L;

    /** So long a leader goes on while the leader of another log outranks it, and a node without a leader. */
    private static final long OUTRANKED_NANOS = 5_000_000_000L;

    private static final long LEADERLESS_NANOS = 30_000_000_000L;

    /** A snapshot is taken after entries of so many bytes; a quarter of them is kept for followers that lag a little. */
    public static final long SNAPSHOT_BYTES = 1 << 20;

    /** Entries that a follower still needs are kept up to so many times as much, so that a large transfer completes. */
    private static final int MAX_KEPT = 16;

    private static final byte[] NOTHING = {};

    /** How many proposals may wait for their commit. */
    private static final int MAX_PROPOSALS = 4_096;

    /** The actions of this state. No method may call back. */
    public interface Effects {
        /**
         * Sends a message; without a session it is dropped.
         *
         * @param to a member of the view
         * @param message the message
         */
        void send(Peer to, RaftMessage message);

        /**
         * Applies a committed command to the state machine.
         *
         * @param index its index; higher than the last one. A state machine that outlives its Raft state, because the storage
         *     failed, gets entries again that it has
         * @param command the command
         * @return its result
         * @throws DecodeException when it is not a command: then this node does not know the state any more, and must stop
         */
        byte[] apply(long index, byte[] command) throws DecodeException;

        /**
         * The state of the state machine.
         *
         * @return as bytes
         */
        byte[] snapshot();

        /**
         * Replaces the state of the state machine.
         *
         * @param state as {@link #snapshot} returned it
         * @throws DecodeException when it is not a state
         */
        void restore(byte[] state) throws DecodeException;

        /**
         * The leader changed.
         *
         * @param leader the leader as far as this node knows
         */
        void led(Optional<Peer> leader);

        /**
         * The last entry of the log that names the voters is another one.
         *
         * @param voters the voters from now on; the entry may still be replaced
         */
        void voters(Voters voters);

        /**
         * A proposal was decided. Called once for each that was accepted.
         *
         * @param ticket of the proposal
         * @param outcome its outcome
         */
        void decided(long ticket, Outcome outcome);
    }

    /** The outcome of a proposal or a read. */
    public sealed interface Outcome {
        /**
         * The command is committed and applied; or the state at this index may be read.
         *
         * @param index of the entry; of a read the index that the state had at least when the read began
         * @param result of the state machine; empty for a read
         */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Committed(long index, byte[] result) implements Outcome {}

        /** This node does not lead any more: the command may be committed, now or later, or never. */
        record Unknown() implements Outcome {}

        /** A change of the voters was not made: of those that would be left, no majority replied within 2 s. */
        record TooFew() implements Outcome {}
    }

    private final Peer self;
    private final Voters configured;
    private final Storage storage;
    private final String directory;
    private final long snapshotBytes;
    private final RandomGenerator random;
    private final Effects effects;
    private final ReplicatedLog log;
    private View view;
    private Ballot ballot;

    /** The ballot that the storage has. */
    private Ballot stored;

    private long commitIndex;
    private long bytesSinceSnapshot;
    private long now;

    private @Nullable Peer leader;
    private @Nullable Peer announced;
    private @Nullable Voters announcedVoters;
    private @Nullable Leadership leading;
    private @Nullable Candidacy candidacy;

    /** The leader that was replaced because it was silent, and still is. */
    private @Nullable Peer silent;

    /** The time of the last message of the leader, and the time when the next election begins without one. */
    private long leaderSeen;

    private long electAt;
    private long heartbeatAt;

    /** The replies to leaders that go out when the entries are stored. */
    private final Map<Peer, Appended> replies = new LinkedHashMap<>();

    private @Nullable IncomingSnapshot incoming;
    private @Nullable Rival rival;

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
            Effects effects,
            long now)
            throws DecodeException {
        this.self = self;
        this.configured = configured;
        this.storage = storage;
        this.directory = storage.directory();
        this.snapshotBytes = snapshotBytes;
        this.random = random;
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
        postpone();
    }

    private void postpone() {
        electAt = now + ELECTION_NANOS + random.nextLong(JITTER_NANOS);
    }

    /** An election begins, here or at another voter, because the leader was silent. Its next message shows that it is not. */
    private void presumeSilent() {
        if (leader != null) {
            silent = leader;
        }
    }

    /** The votes of this term are split, so its candidates begin again one after the other. */
    private void retry() {
        int rank = Math.max(
                0,
                votersHere().stream()
                        .filter(voter -> !voter.equals(silent))
                        .toList()
                        .indexOf(self));
        electAt = Math.min(electAt, now + RETRY_NANOS * (1 + rank) + random.nextLong(RETRY_NANOS));
    }

    /**
     * The current term.
     *
     * @return 0 before the first election
     */
    public long term() {
        return ballot.term();
    }

    /**
     * The leader as far as this node knows. It may not lead any more.
     *
     * @return the leader, if there is one
     */
    public Optional<Peer> leader() {
        return Optional.ofNullable(leader);
    }

    /**
     * The view that was installed last.
     *
     * @return before the first one that of this node alone
     */
    public View view() {
        return view;
    }

    private LogRole role() {
        if (log.isEmpty()) {
            // A log that it has lost goes on elsewhere: no other one may begin.
            return storage.condition() == Condition.INCOMPLETE ? LogRole.COPY : LogRole.EMPTY;
        }
        if (isVoter()) {
            return LogRole.VOTER;
        }
        return storage.condition() == Condition.RECOVERED ? LogRole.RECOVERED : LogRole.COPY;
    }

    private boolean mayBegin() {
        return role() == LogRole.EMPTY || role() == LogRole.RECOVERED;
    }

    /**
     * Whether this node votes: the last list of voters has its directory.
     *
     * @return false also while it has not caught up with an empty directory
     */
    public boolean isVoter() {
        return log.voters().has(self.node(), directory);
    }

    /**
     * The last committed entry that this node knows. It is applied.
     *
     * @return 0 before the first
     */
    public long commitIndex() {
        return commitIndex;
    }

    /**
     * The voters as of the last entry; before the first one those of the settings.
     *
     * @return the voters
     */
    public Voters voters() {
        return log.voters();
    }

    /**
     * The content of this node in memory. It is consistent also after an exception of the storage: a member can go on with it
     * and not vote.
     *
     * @return as a storage would have it
     */
    public Storage.Content content() {
        return log.content(ballot.in(ballot.term()), commitIndex);
    }

    // Events.

    /**
     * A view was installed.
     *
     * @param next the view
     */
    public void view(View next) {
        boolean before = canElect();
        view = next;
        replies.keySet().retainAll(next.members());
        if (leading != null) {
            leading.view(next, now);
            if (!quorum()) {
                follow(ballot.term(), null);
            }
        } else if (leader != null && !next.has(leader)) {
            follow(ballot.term(), null);
            electSoon();
        } else if (leader == null && !before && canElect()) {
            electSoon();
        }
    }

    /**
     * Whether it makes sense to elect now. A log that begins waits for all voters for a while, so that all of them vote
     * from the beginning.
     */
    private boolean canElect() {
        return log.isEmpty() ? view.byName().keySet().containsAll(configured.nodes()) : quorum();
    }

    /** There is certainly no leader, so the voters need not wait for the time-out. They begin one after the other. */
    private void electSoon() {
        electAt = Math.min(electAt, now + votersHere().indexOf(self) * RANK_NANOS);
    }

    private List<Peer> votersHere() {
        return view.members().stream()
                .filter(peer -> log.voters().has(peer.node()))
                .toList();
    }

    /**
     * Whether the view has a majority of the voters.
     *
     * @return false if there can be no leader
     */
    public boolean quorum() {
        return log.voters().majority(view.byName().keySet());
    }

    /**
     * A session to a member is open.
     *
     * @param peer the member
     */
    public void opened(Peer peer) {
        if (leading != null) {
            leading.opened(peer);
        }
        if (candidacy != null && candidacy.lacks(peer.node())) {
            send(peer, request(candidacy));
        }
    }

    /**
     * Time passed.
     *
     * @param time the time
     */
    public void tick(long time) {
        now = time;
        compete();
        if (leading != null) {
            if (!leading.isSupported(now, ELECTION_NANOS)) {
                follow(ballot.term(), null);
            } else if (now >= heartbeatAt) {
                heartbeatAt = now + HEARTBEAT_NANOS;
                leading.tick(now);
            }
            readmit();
        } else if (now >= electAt) {
            presumeSilent();
            follow(ballot.term(), null);
            electAt = now + RETRY_NANOS + random.nextLong(RETRY_NANOS);
            campaign(true);
        }
    }

    private void readmit() {
        if (leading != null) {
            leading.changes().readmit(commitIndex, now);
        }
    }

    /**
     * Proposes a command.
     *
     * @param command 1 byte or more; never changed
     * @param ticket any number but 0; it comes back with the outcome
     * @return false if it was not accepted, and never will be committed: this node does not lead, or has too much to do
     */
    public boolean propose(byte[] command, long ticket) {
        // A command shows that a majority has the first list of its log: see adopt.
        if (leading == null
                || commitIndex < leading.first()
                || leading.proposals() >= MAX_PROPOSALS
                || isOutranked(leading)) {
            return false;
        }
        leading.propose(command, ticket);
        return true;
    }

    /**
     * Requests the index that the state must have for a linearizable read that begins now.
     *
     * @param ticket any number but 0; it comes back with the outcome
     * @return false if this node does not lead
     */
    public boolean read(long ticket) {
        if (leading == null || isOutranked(leading)) {
            return false;
        }
        leading.read(ticket, commitIndex);
        return true;
    }

    /** Why a change of the voters was not accepted. */
    public enum Refusal {
        /** This node does not lead, or leads since a moment only. Try again. */
        NOT_LEADING,
        /** Another change is not committed yet. Try again. */
        CHANGING,
        /** The list is like that already. */
        NO_CHANGE,
        /** It is the last voter. */
        LAST,
        /** The new voter is not a member with a directory, or does not have all entries yet. Try again. */
        NOT_CAUGHT_UP
    }

    /**
     * Adds a voter, when a majority of the next list has replied to a heartbeat.
     *
     * @param node its name
     * @param ticket any number but 0; it comes back with the outcome
     * @return why it was not accepted, if so
     */
    public Optional<Refusal> add(String node, long ticket) {
        return leading == null
                ? Optional.of(Refusal.NOT_LEADING)
                : leading.changes().add(node, ticket, commitIndex, now);
    }

    /**
     * Removes a voter, when a majority of the others has replied to a heartbeat.
     *
     * @param node its name
     * @param ticket any number but 0; it comes back with the outcome
     * @return why it was not accepted, if so
     */
    public Optional<Refusal> remove(String node, long ticket) {
        return leading == null
                ? Optional.of(Refusal.NOT_LEADING)
                : leading.changes().remove(node, ticket, commitIndex, now);
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
        if (!view.has(from)) {
            return true;
        }
        if (isOfAnotherLog(message) && ignores(from, message)) {
            return false;
        }
        receive(from, message);
        return true;
    }

    /** Replies go to messages of the same log only, so they contain no id of it. */
    private boolean isOfAnotherLog(RaftMessage message) {
        LogId other = switch (message) {
            case AppendEntries append -> append.log();
            case InstallSnapshot install -> install.log();
            case RequestVote request -> new LogId(request.continues(), 0);
            default -> LogId.NONE;
        };
        long own = ballot.log().id();
        if (other.id() == own || other.id() == 0 || own == 0 || log.isEmpty()) {
            return false;
        }
        // A candidate may be elected by voters that were chosen to continue, and do not have its log yet.
        boolean continued = other.continues() == own || message instanceof RequestVote;
        return !(continued && role() == LogRole.RECOVERED);
    }

    /** A message of another log changes neither the term nor the entries of a node whose log has decided something. */
    private boolean ignores(Peer from, RaftMessage message) {
        if (message instanceof AppendEntries append) {
            rival = Rival.of(from, append, rival, now);
        }
        boolean ignored = log.hasDecisions() || (leading != null && !isOutranked(leading));
        if (!ignored && leading != null) {
            follow(ballot.term(), null); // its log decided nothing, so it is dropped: see adopt
        }
        if (ignored && message instanceof RequestVote request) {
            long term = request.pre() ? request.term() - 1 : request.term();
            send(from, new Vote(term, request.pre(), false, directory, role()));
        }
        return ignored;
    }

    private boolean isOutranked(Leadership own) {
        Rival other = rival;
        return other != null
                && now - other.seen() < ELECTION_NANOS
                && other.outranks(ballot.log(), log.hasDecisions(), own.supporters(now, ELECTION_NANOS));
    }

    /** Ends this node if the other log continues without it. */
    private void compete() {
        Rival other = rival;
        if (other == null) {
            return;
        }
        if (now - other.seen() >= ELECTION_NANOS || !view.has(other.leader())) {
            rival = null;
        } else if (leading != null ? !isOutranked(leading) : hasLeader()) {
            rival = other.tolerated(now);
        } else if (log.hasDecisions()
                && now - other.since() >= (leading != null ? OUTRANKED_NANOS : LEADERLESS_NANOS)) {
            throw new IllegalStateException("This node has another log than the voters: "
                    + other.leader().node()
                    + " leads " + other.voters()
                    + " of them. The directory of this node is of another cluster, or it began"
                    + " with another list of voters. Give it an empty directory and the list of the others. If most voters"
                    + " lost their directories, recover this one: see the operating guide.");
        }
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
        if (message.term() > ballot.term() && !preVote) {
            if (message instanceof RequestVote && !from.equals(leader)) {
                presumeSilent();
            }
            follow(message.term(), null);
        }
        switch (message) {
            case RequestVote request -> requested(from, request);
            case Vote vote -> voted(from, vote);
            case AppendEntries append -> append(from, append);
            case InstallSnapshot install -> install(from, install);
            case Appended appended -> {
                if (leading != null && appended.term() == ballot.term()) {
                    leading.appended(from, appended, now);
                }
            }
            case Installed installed -> {
                if (leading != null && installed.term() == ballot.term()) {
                    leading.installed(from, installed, now);
                }
            }
        }
    }

    /**
     * Stores and sends what follows from the events since the last call.
     *
     * @throws DecodeException when a committed command cannot be applied
     */
    public void flush() throws DecodeException {
        if (log.voters().directories().containsValue("")) {
            readmit(); // at once: until then the loss of one voter may be that of the majority
        }
        if (leading != null) {
            leading.changes().perform(now).ifPresent(ticket -> effects.decided(ticket, new Outcome.TooFew()));
            // The followers store the entries while this node does.
            leading.replicate(commitIndex);
        }
        saveBallot();
        log.save();
        replies.forEach(this::send);
        replies.clear();
        checkIndexes();
        while (leading != null && commitStored()) {
            // With one voter, and after a voter was removed, more may be committed at once.
            leading.replicate(commitIndex);
        }
        announce();
    }

    private boolean commitStored() throws DecodeException {
        Leadership own = leading;
        if (own == null) {
            return false;
        }
        long stored = own.stored();
        boolean advances = stored > commitIndex && log.term(stored) == ballot.term();
        if (advances) {
            commit(stored);
        }
        if (leading != null) {
            own.readable(commitIndex)
                    .forEach((ticket, index) -> effects.decided(ticket, new Outcome.Committed(index, NOTHING)));
        }
        return advances && leading != null;
    }

    private void announce() {
        if (!Objects.equals(leader, announced)) {
            announced = leader;
            effects.led(leader());
        }
        if (!log.voters().equals(announcedVoters)) {
            announcedVoters = log.voters();
            effects.voters(announcedVoters);
        }
        if (storage.condition() != Condition.WHOLE && isVoter() && log.votersIndex() <= commitIndex) {
            storage.condition(Condition.WHOLE);
        }
    }

    // Terms and elections.

    /** A message may depend on the ballot, so the ballot is stored before. */
    private void send(Peer to, RaftMessage message) {
        saveBallot();
        effects.send(to, message);
    }

    private void saveBallot() {
        if (!ballot.equals(stored)) {
            checkBallot();
            storage.save(ballot);
            stored = ballot;
        }
    }

    private void follow(long term, @Nullable Peer next) {
        if (term > ballot.term()) {
            ballot = ballot.in(term);
        }
        candidacy = null;
        leader = next;
        Leadership former = leading;
        leading = null;
        if (former != null) {
            former.undecided().forEach(ticket -> effects.decided(ticket, new Outcome.Unknown()));
            postpone();
        }
    }

    private void campaign(boolean pre) {
        // A leader that removes itself may be the only one with that entry, so it must be able to win.
        boolean listed = isVoter()
                || (log.votersIndex() > commitIndex && log.votersBefore().has(self.node(), directory));
        boolean begins = !listed && mayBegin() && !directory.isEmpty() && configured.has(self.node());
        Voters voters = begins ? configured : log.voters();
        if (!(listed || begins) || !voters.majority(view.byName().keySet())) {
            return;
        }
        if (!pre) {
            ballot = ballot.in(ballot.term() + 1).of(self.node());
            saveBallot(); // its own vote counts at once
            postpone(); // voters write to their disks before they reply
        }
        leader = null;
        Candidacy own = new Candidacy(pre, voters, begins, role() == LogRole.RECOVERED);
        candidacy = own;
        own.vote(self.node(), new Vote(ballot.term(), pre, true, directory, role()));
        for (Peer voter : view.members()) {
            if (!voter.equals(self) && own.lacks(voter.node())) {
                send(voter, request(own));
            }
        }
        count();
    }

    private RequestVote request(Candidacy own) {
        long term = ballot.term() + (own.pre() ? 1 : 0);
        Optional<Voters> begins = own.begins() ? Optional.of(configured) : Optional.empty();
        return new RequestVote(
                term,
                own.pre(),
                log.lastIndex(),
                log.lastTerm(),
                begins,
                ballot.log().id());
    }

    private void requested(Peer from, RequestVote request) {
        boolean current = request.lastTerm() > log.lastTerm()
                || (request.lastTerm() == log.lastTerm() && request.lastIndex() >= log.lastIndex());
        boolean allowed = request.begins()
                .map(voters -> mayBegin()
                        && !directory.isEmpty()
                        && voters.nodes().equals(configured.nodes())
                        && (log.isEmpty() || request.continues() == ballot.log().id()))
                .orElse(true);
        boolean granted;
        if (request.pre()) {
            granted = request.term() > ballot.term() && current && allowed && !hasLeader();
        } else {
            granted = request.term() == ballot.term()
                    && current
                    && allowed
                    && leader == null
                    && ballot.votedFor()
                            .filter(voted -> !voted.equals(from.node()))
                            .isEmpty();
            if (granted) {
                ballot = ballot.of(from.node());
                postpone();
            }
        }
        long term = request.pre() && granted ? request.term() : ballot.term();
        send(from, new Vote(term, request.pre(), granted, directory, role()));
    }

    private boolean hasLeader() {
        return leading != null || (leader != null && view.has(leader) && now - leaderSeen < ELECTION_NANOS);
    }

    private void voted(Peer from, Vote vote) {
        Candidacy own = candidacy;
        // A refusal of a pre-vote has the term of its voter. Any other vote of another term is a late one.
        boolean counts = vote.term() == ballot.term() + (vote.pre() ? 1 : 0) || (vote.pre() && !vote.granted());
        if (own != null && own.pre() == vote.pre() && counts) {
            own.vote(from.node(), vote);
            count();
        }
    }

    /** Whether a vote may still come. That of a leader whose silence began the election will not. */
    private boolean awaits(Candidacy own, Peer voter) {
        return own.lacks(voter.node()) && !voter.equals(silent);
    }

    private void count() {
        Candidacy own = candidacy;
        if (own == null) {
            return;
        }
        if (!own.elected(view.byName().keySet())) {
            if (!own.pre() && view.members().stream().noneMatch(voter -> awaits(own, voter))) {
                retry();
            }
            return;
        }
        if (own.pre()) {
            campaign(false);
            return;
        }
        Optional<Voters> beginning = Optional.empty();
        if (own.begins()) {
            long id = 1 + (random.nextLong() & (Long.MAX_VALUE >> 1));
            ballot = ballot.with(new LogId(id, log.isEmpty() ? 0 : ballot.log().id()));
            beginning = Optional.of(own.beginning());
        }
        lead(beginning);
    }

    private void lead(Optional<Voters> beginning) {
        candidacy = null;
        leader = self;
        Leadership next = new Leadership(self, directory, ballot, log, beginning, this::send, now);
        next.view(view, now);
        leading = next;
        heartbeatAt = now + HEARTBEAT_NANOS;
        if (beginning.isPresent()) {
            // Before another node has it: a member with entries that no voter has would keep the log from beginning.
            saveBallot();
            log.save();
        }
    }

    // Entries and snapshots.

    /** Returns whether the sender leads this term. */
    private boolean leads(Peer from, long term) {
        if (term < ballot.term()) {
            return false;
        }
        if (leading != null) {
            throw new IllegalStateException(
                    "Two nodes lead in term " + term + ": " + self + " and " + from + ". A voter lost its directory.");
        }
        candidacy = null;
        leader = from;
        leaderSeen = now;
        postpone();
        return true;
    }

    private Appended appended(long term, boolean matches, long index, long round) {
        return new Appended(term, matches, index, round, directory);
    }

    /** One reply to a leader goes out with each flush: it has the highest entry that matches. */
    private void reply(Peer to, Appended next) {
        replies.merge(to, next, (before, last) -> {
            if (before.term() != last.term()) {
                return last;
            }
            boolean both = before.matches() && last.matches();
            long index = both ? Math.max(before.index(), last.index()) : last.index();
            return appended(last.term(), last.matches(), index, Math.max(before.round(), last.round()));
        });
    }

    private void append(Peer from, AppendEntries message) throws DecodeException {
        if (!leads(from, message.term())) {
            reply(from, appended(ballot.term(), false, 0, message.round()));
            return;
        }
        adopt(message.log());
        long prev = message.prevIndex();
        // All leaders have what is committed.
        if (prev > commitIndex && log.term(prev) != message.prevTerm()) {
            long hint = log.hint(prev, commitIndex);
            reply(from, appended(ballot.term(), false, hint, message.round()));
            return;
        }
        log.accept(message.entries(), commitIndex);
        long last = prev + message.entries().size();
        commit(Math.min(message.commitIndex(), last));
        reply(from, appended(ballot.term(), true, last, message.round()));
    }

    /**
     * Takes the log of a leader. Entries of another log may have the same index and term, so they are not mixed with it. A
     * log without a command was perhaps begun by a minority, while the other voters began this one: it decided nothing.
     */
    private void adopt(LogId leaders) {
        if (leaders.equals(ballot.log())) {
            return;
        }
        long own = ballot.log().id();
        boolean continued = role() == LogRole.RECOVERED && leaders.continues() == own;
        if (!log.isEmpty() && !continued) {
            saveBallot();
            log.clear(configured);
            commitIndex = 0;
            bytesSinceSnapshot = 0;
            replies.clear();
            incoming = null;
        }
        ballot = ballot.with(leaders);
    }

    private void install(Peer from, InstallSnapshot message) throws DecodeException {
        if (!leads(from, message.term())) {
            reply(from, appended(ballot.term(), false, 0, 0));
            return;
        }
        Snapshot head = message.head();
        adopt(message.log());
        if (head.index() <= commitIndex) {
            reply(from, appended(ballot.term(), true, head.index(), 0));
            return;
        }
        if (message.part() == 1) {
            incoming = new IncomingSnapshot(from, head);
        }
        IncomingSnapshot present = incoming;
        if (present == null || !present.add(from, message)) {
            return;
        }
        if (!message.last()) {
            send(from, new Installed(ballot.term(), head.index(), present.parts()));
            return;
        }
        incoming = null;
        restore(present.whole());
        reply(from, appended(ballot.term(), true, head.index(), 0));
    }

    private void commit(long to) throws DecodeException {
        while (commitIndex < to) {
            Entry entry = log.get(commitIndex + 1);
            byte[] result = entry.kind() == Entry.Kind.COMMAND ? effects.apply(entry.index(), entry.data()) : NOTHING;
            commitIndex++;
            bytesSinceSnapshot += entry.size();
            long ticket = leading == null ? 0 : leading.decided(commitIndex);
            if (ticket != 0) {
                effects.decided(ticket, new Outcome.Committed(commitIndex, result));
            }
        }
        boolean changing = log.votersIndex() > commitIndex;
        if (leading != null && !changing && !isVoter()) {
            follow(ballot.term(), null); // it was removed
        }
        // A large state is not written for a few entries.
        if (bytesSinceSnapshot > Math.max(snapshotBytes, log.snapshot().state().length) && !changing) {
            compact();
        }
    }

    private void compact() {
        saveBallot();
        bytesSinceSnapshot = 0;
        Snapshot snapshot = new Snapshot(commitIndex, log.term(commitIndex), log.voters(), effects.snapshot());
        long needed = leading == null ? Long.MAX_VALUE : leading.needed();
        log.compact(snapshot, snapshotBytes / 4, needed, MAX_KEPT * snapshotBytes);
    }

    private void restore(Snapshot snapshot) throws DecodeException {
        saveBallot();
        log.reset(snapshot);
        effects.restore(snapshot.state());
        commitIndex = snapshot.index();
        bytesSinceSnapshot = 0;
    }

    // Invariants.

    /** The next ballot breaks no promise of the stored one. */
    private void checkBallot() {
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
    private void checkIndexes() {
        Invariant.check(
                log.snapshot().index() <= commitIndex && commitIndex <= log.lastIndex(),
                "what is in the snapshot is committed, and what is committed is in the log",
                log.snapshot().index(),
                this);
        Invariant.check(log.lastTerm() <= ballot.term(), "no entry is of a later term", log.lastTerm(), this);
        Invariant.check(
                leading == null || (self.equals(leader) && leading.term() == ballot.term()),
                "a leader leads its own term",
                this);
    }

    /**
     * Checks the whole state. Tests call it after each event.
     *
     * @throws IllegalStateException if an invariant does not hold
     */
    public void checkInvariants() {
        checkBallot();
        checkIndexes();
        log.checkInvariants();
        Invariant.check((leading != null) == self.equals(leader), "a node leads if it is its leader", this);
        Invariant.check(candidacy == null || leader == null, "a candidate has no leader", this);
        Invariant.check(
                candidacy == null
                        || candidacy.pre()
                        || ballot.votedFor().filter(self.node()::equals).isPresent(),
                "a candidate has its own vote",
                ballot,
                this);
        Invariant.check(
                incoming == null || incoming.head().index() > commitIndex,
                "a snapshot that arrives has more than is committed",
                this);
        Invariant.check(
                replies.values().stream()
                        .allMatch(reply -> reply.term() <= ballot.term()
                                && (!reply.matches() || reply.index() <= log.lastIndex())),
                "a reply confirms no more than the log has",
                replies,
                this);
        if (leading != null) {
            leading.checkInvariants(view, commitIndex);
        }
    }

    @Override
    public String toString() {
        return "term " + ballot.term() + ", last entry " + log.lastIndex() + ", committed " + commitIndex + ", leader "
                + leader + (leading == null ? "" : ": " + leading) + ", " + role() + ", voters " + log.voters();
    }
}
