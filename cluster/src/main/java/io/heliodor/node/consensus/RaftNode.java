package io.heliodor.node.consensus;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Link;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.Signal;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.raft.ChangeRefusal;
import io.heliodor.raft.NoStorage;
import io.heliodor.raft.Raft;
import io.heliodor.raft.RaftEffects;
import io.heliodor.raft.RaftMessage;
import io.heliodor.raft.RaftOutcome;
import io.heliodor.raft.Storage;
import io.heliodor.raft.StorageException;
import io.heliodor.raft.Voters;
import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of the voters, as one node takes part in it: {@link Raft} on a thread of its own, which waits for the disk. Events
 * that wait together are stored by one write.
 *
 * <p>If the directory becomes unwritable, the node continues as a member that does not vote. If the log has a command that
 * the node cannot decode, its copy is lost, and the node must end.
 */
public final class RaftNode implements ConsensusLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final Duration TICK = Duration.ofMillis(50);

    private static final Duration COMPLAINT = Duration.ofSeconds(15);

    /** How many proposals and reads may wait for their outcome. */
    private static final int MAX_UNDECIDED = 8_192;

    /** A change of the Raft state. */
    private interface Event {
        void happen() throws DecodeException;
    }

    private final Peer self;
    private final StateMachine machine;
    private final Supplier<Link> link;
    private final Time time;
    private final NodeLoop loop;
    private final PendingRequests<Outcome> undecided = new PendingRequests<>();

    private final Voters configured;
    private final Consumer<Throwable> failed;

    // On the loop.
    private final Set<Peer> disagreeing = new HashSet<>();

    private final Set<Peer> strangers = new HashSet<>();
    private Storage storage;
    private Raft raft;
    private boolean flushing;
    private boolean diskFailed;

    /** Since when there has been no leader, or since the last warning about it. */
    private long leaderless;

    private final Signal listed = new Signal();
    private volatile Voters voters;
    private volatile Optional<Peer> leader = Optional.empty();
    private volatile boolean quorum;
    private volatile boolean voter;
    private volatile boolean stopped;
    private volatile VoterStatus status;

    /**
     * A member that is alone. Its state machine gets the content of the disk.
     *
     * @param failed called once when the copy of the log is lost; must not block
     * @throws DecodeException when the snapshot on the disk cannot be read
     */
    public RaftNode(
            Peer self,
            ConsensusConfig voting,
            StateMachine machine,
            Supplier<Link> link,
            Time time,
            Consumer<Throwable> failed)
            throws DecodeException {
        this.self = self;
        this.machine = machine;
        this.link = link;
        this.time = time;
        this.loop = new NodeLoop("consensus of " + self.node(), time.loopThread(), this::tick, () -> {});
        this.configured = voting.configured();
        this.failed = failed;
        this.storage = voting.storage();
        this.leaderless = time.nanos();
        storage.loss()
                .ifPresent(loss -> LOG.atError()
                        .addKeyValue("node", self.node())
                        .log(
                                "Node {} lacks votes or entries that it confirmed. It counts as a voter again when it has all entries"
                                        + " of the others. Its files have names that end with .lost. If most voters are lost,"
                                        + " see the operating guide. {}",
                                self.node(),
                                loss));
        this.raft = raft();
        this.voters = raft.voters();
        this.status = look();
    }

    private VoterStatus look() {
        Voters list = raft.voters();
        long replied = raft.votes();
        return new VoterStatus(
                list,
                configured,
                replied > 0
                        ? replied
                        : list.withDirectory().stream()
                                .filter(raft.view().byName()::containsKey)
                                .count(),
                raft.quorum(),
                raft.leader().isPresent(),
                raft.lag(),
                raft.seesOtherLog(),
                diskFailed,
                storage.condition() == Storage.Condition.INCOMPLETE,
                false);
    }

    /**
     * The state of the voters for operators.
     *
     * @return as of the last 50 ms
     */
    public VoterStatus status() {
        return status;
    }

    private Raft raft() throws DecodeException {
        return new Raft(
                self,
                configured,
                storage,
                Raft.SNAPSHOT_BYTES,
                RandomGenerator.of("L64X128MixRandom"),
                new Effects(),
                time.nanos());
    }

    public void start() {
        loop.start();
        Time.Task _ = time.every(TICK, loop::tick);
    }

    private void tick() {
        perform(() -> {
            raft.tick(time.nanos());
            if (!stopped) {
                status = look();
            }
        });
        if (leader.isPresent() || !quorum) {
            leaderless = time.nanos();
        } else if (time.nanos() - leaderless > COMPLAINT.toNanos()) {
            leaderless = time.nanos();
            LOG.atWarn()
                    .addKeyValue("node", self.node())
                    .log(
                            "Node {}: the voters have had no leader for {} s, though it sees a majority of them. State: {}",
                            self.node(),
                            COMPLAINT.toSeconds(),
                            raft);
        }
    }

    public void route(MessageRoutes routes) {
        // Dropped if the loop is full: Raft repeats messages, and a slow disk must not delay the peer.
        RaftMessage.route(
                routes, (from, message, _) -> loop.offerInbound(() -> perform(() -> received(from, message))));
    }

    private void received(Peer from, RaftMessage message) throws DecodeException {
        if (message instanceof RaftMessage.RequestVote request) {
            request.begins().ifPresent(begins -> compare(from, begins));
        }
        if (!raft.received(from, message) && strangers.add(from)) {
            LOG.atWarn()
                    .addKeyValue("node", self.node())
                    .addKeyValue("peer", from.node())
                    .log(
                            "Node {}: {} has another log. The one that fewer voters follow ends: its directory is of another"
                                    + " cluster, or it began with another list of voters. State: {}",
                            self.node(),
                            from.node(),
                            raft);
        }
    }

    /** A log begins only among nodes with the same list in their settings. */
    private void compare(Peer from, Voters other) {
        if (!other.nodes().equals(configured.nodes()) && disagreeing.add(from)) {
            LOG.atWarn()
                    .addKeyValue("peer", from.node())
                    .log(
                            "{} would begin with the voters {}, this node with {}. Give all nodes the same list.",
                            from.node(),
                            other.nodes(),
                            configured.nodes());
        }
    }

    public void view(View next) {
        loop.execute(() -> perform(() -> {
            disagreeing.retainAll(next.members());
            strangers.retainAll(next.members());
            raft.view(next);
        }));
    }

    public void opened(Peer peer) {
        loop.execute(() -> perform(() -> raft.opened(peer)));
    }

    /** On the loop. The results are stored and sent after all events that wait already. */
    private void perform(Event event) {
        if (stopped) {
            return;
        }
        attempt(event);
        if (!flushing) {
            flushing = loop.execute(this::flush);
        }
    }

    private void flush() {
        flushing = false;
        if (!stopped) {
            attempt(() -> {
                raft.flush();
                quorum = raft.quorum();
                voter = raft.isVoter();
            });
        }
    }

    private void attempt(Event event) {
        try {
            try {
                event.happen();
            } catch (StorageException e) {
                giveUpStorage(e);
            }
        } catch (DecodeException | RuntimeException | Error e) {
            stop(e); // an entry may be applied in part
        }
    }

    /** Continues without a vote: the votes on the disk are uncertain, but all applied entries are known. */
    private void giveUpStorage(StorageException why) throws DecodeException {
        LOG.atError()
                .addKeyValue("node", self.node())
                .setCause(EscapedException.of(why))
                .log(
                        "Node {} does not vote any more. It goes on, and votes again when it is started with a directory that it can"
                                + " write to.",
                        self.node());
        undecided.completeAll(new Outcome.Unknown());
        leader = Optional.empty();
        machine.leaderChanged(leader);
        View view = raft.view();
        Storage memory = new NoStorage(raft.content());
        closeStorage();
        storage = memory;
        diskFailed = true;
        raft = raft();
        raft.view(view);
    }

    private void closeStorage() {
        try {
            storage.close();
        } catch (StorageException e) {
            LOG.warn("The directory of voter {} could not be closed.", self.node(), EscapedException.of(e));
        }
    }

    private void stop(Throwable why) {
        end();
        machine.leaderChanged(Optional.empty());
        failed.accept(why);
    }

    private void end() {
        stopped = true;
        status = status.atEnd();
        listed.signalAll();
        quorum = false;
        leader = Optional.empty();
        undecided.completeAll(new Outcome.Unknown());
    }

    @Override
    public CompletableFuture<Outcome> append(byte[] command) {
        if (command.length == 0) {
            throw new IllegalArgumentException("A command has one byte or more.");
        }
        return submit(ticket -> raft.propose(command, ticket));
    }

    @Override
    public CompletableFuture<Outcome> read(byte[] query) {
        return submit(raft::read).thenApply(outcome -> outcome instanceof Outcome.Committed ? answer(query) : outcome);
    }

    /** On the loop, when the machine has all commands that the query must see. */
    private Outcome answer(byte[] query) {
        try {
            return new Outcome.Committed(machine.index(), machine.read(query));
        } catch (DecodeException e) {
            return new Outcome.Refused();
        }
    }

    private interface Query {
        boolean accepted(long ticket);
    }

    private CompletableFuture<Outcome> submit(Query query) {
        if (undecided.size() >= MAX_UNDECIDED) {
            return CompletableFuture.completedFuture(new Outcome.Refused());
        }
        CompletableFuture<Outcome> future = new CompletableFuture<>();
        long ticket = undecided.add(future);
        boolean runs = loop.execute(() -> perform(() -> {
            if (!query.accepted(ticket)) {
                undecided.complete(ticket, new Outcome.Refused());
            }
        }));
        if (!runs) {
            undecided.complete(ticket, new Outcome.Refused());
        } else if (stopped) {
            undecided.complete(ticket, new Outcome.Unknown()); // it may have been accepted before
        }
        return future;
    }

    /**
     * Adds or removes a voter.
     *
     * @param node its name
     * @param adds whether it is added
     * @return {@link Outcome.Committed} with a {@link VoterAnswer}
     */
    public CompletableFuture<Outcome> change(String node, boolean adds) {
        AtomicReference<VoterAnswer> answer = new AtomicReference<>(new VoterAnswer.Done());
        return submit(ticket -> {
                    Optional<ChangeRefusal> refusal = adds ? raft.add(node, ticket) : raft.remove(node, ticket);
                    Optional<VoterAnswer> refused = refusal.flatMap(RaftNode::answer);
                    refused.ifPresent(answer::set);
                    // Valid only while this node leads, which a read confirms.
                    return refused.isPresent() ? raft.read(ticket) : refusal.isEmpty();
                })
                .thenApply(outcome -> outcome instanceof Outcome.Committed(long index, byte[] result)
                        ? new Outcome.Committed(
                                index, result.length == 0 ? answer.get().toBytes() : result)
                        : outcome);
    }

    /** The answer for a change that was refused; empty if it should be retried. */
    private static Optional<VoterAnswer> answer(ChangeRefusal refusal) {
        return switch (refusal) {
            case NOT_LEADING, CHANGING -> Optional.empty();
            case NO_CHANGE -> Optional.of(new VoterAnswer.Done());
            case LAST -> Optional.of(new VoterAnswer.TooFew());
            case NOT_CAUGHT_UP -> Optional.of(new VoterAnswer.NotReady());
        };
    }

    @Override
    public Optional<Peer> leader() {
        return leader;
    }

    @Override
    public boolean quorum() {
        return quorum;
    }

    /**
     * The voters as of the last entry here.
     *
     * @return those of the settings before the first entry
     */
    public Voters voters() {
        return voters;
    }

    /**
     * Waits until a node is in the local list of voters, or is not. The leader answers before the entry is on all nodes.
     *
     * @return whether it came to that in time
     */
    public boolean awaitListed(String node, boolean votes, long nanos) throws InterruptedException {
        return listed.await(() -> stopped || voters.nodes().contains(node) == votes, nanos, time);
    }

    public boolean isQuiescent() {
        return loop.isQuiescent();
    }

    /** How many tasks its loop was given. */
    public long tasks() {
        return loop.added();
    }

    /** Whether the directory of this node is in the list. */
    public boolean isVoter() {
        return voter;
    }

    /** Decides nothing any more. */
    public void close() {
        loop.close();
        end();
        closeStorage();
    }

    private final class Effects implements RaftEffects {
        @Override
        public void send(Peer to, RaftMessage message) {
            Link.Sent _ = link.get().post(to, message);
        }

        @Override
        public byte[] apply(long index, byte[] command) throws DecodeException {
            return machine.apply(index, command);
        }

        @Override
        public byte[] snapshot() {
            return machine.snapshot();
        }

        @Override
        public void restore(byte[] state) throws DecodeException {
            machine.restore(state);
        }

        @Override
        public void led(Optional<Peer> next) {
            leader = next;
            machine.leaderChanged(next);
        }

        @Override
        public void voters(Voters next) {
            voters = next;
            listed.signalAll();
            LOG.atInfo().addKeyValue("node", self.node()).log("Node {}: the voters are {}.", self.node(), next);
            if (!next.nodes().containsAll(configured.nodes())) {
                LOG.atWarn()
                        .addKeyValue("node", self.node())
                        .log(
                                "Node {}: its settings name the voters {}, but only {} vote. Add the others by voters().add,"
                                        + " or give this node the list of the log.",
                                self.node(),
                                configured.nodes(),
                                next.nodes());
            }
        }

        @Override
        public void decided(long ticket, RaftOutcome outcome) {
            undecided.complete(
                    ticket,
                    switch (outcome) {
                        case RaftOutcome.Committed(long index, byte[] result) -> new Outcome.Committed(index, result);
                        case RaftOutcome.Unknown _ -> new Outcome.Unknown();
                        case RaftOutcome.TooFew _ ->
                            new Outcome.Committed(raft.commitIndex(), new VoterAnswer.TooFew().toBytes());
                    });
        }
    }
}
