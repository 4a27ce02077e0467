package io.heliodor.node;

import io.heliodor.binary.DecodeException;
import io.heliodor.codec.Codecs;
import io.heliodor.election.Election;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.membership.Health;
import io.heliodor.membership.Membership;
import io.heliodor.membership.Metadata;
import io.heliodor.membership.VoterList;
import io.heliodor.node.consensus.ConsensusConfig;
import io.heliodor.node.consensus.ConsensusService;
import io.heliodor.node.consensus.RaftNode;
import io.heliodor.node.engine.NodeEngine;
import io.heliodor.node.wiring.NodeWire;
import io.heliodor.node.wiring.WiredNode;
import io.heliodor.process.Body;
import io.heliodor.process.ConflictResolver;
import io.heliodor.process.Down;
import io.heliodor.process.Monitor;
import io.heliodor.process.Name;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.Registry;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.NameRule;
import io.heliodor.pubsub.engine.PubSubEnd;
import io.heliodor.rpc.Rpc;
import io.heliodor.type.Type;
import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A started node: its lifecycle, and access to the parts of its {@link NodeEngine}. */
final class RunningNode implements WiredNode {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration DUPLICATE_NAME_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(2);

    private final Peer self;
    private final Time time;
    private final Minority minority;
    private final NodeLink link = new NodeLink();
    private final NodeEngine engine;
    private final VoterList voters;
    private final Statistics statistics;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();

    /**
     * A node that is not open yet. It closes the time, and the storage of a voter, at its end.
     *
     * @throws DecodeException when the snapshot of a voter cannot be read
     */
    RunningNode(
            Peer self,
            Time time,
            Codecs.Builder types,
            ConflictResolver resolver,
            Optional<ConsensusConfig> consensus,
            int maxNames,
            int maxTopics,
            Minority minority)
            throws DecodeException {
        this.self = self;
        this.time = time;
        this.minority = minority;
        this.engine = new NodeEngine(
                self, time, link::outgoing, types, resolver, consensus, maxNames, maxTopics, new Reactions());
        this.voters = new ClusterVoters(engine.voters(), time);
        this.statistics = new Statistics(engine, link);
    }

    private final class Reactions implements NodeEngine.Listener {
        /**
         * The first incarnation in the view keeps the name. A dead one is about to be excluded, so a ping without an answer is
         * repeated as long as the view lasts. In the next view the other one may be first: only the latest view counts.
         */
        @Override
        public void duplicateName(Peer first, View view) {
            Thread.ofVirtual().name("duplicate of " + first.node()).start(() -> {
                boolean alive;
                do {
                    alive = engine.pings()
                            .ping(List.of(first), DUPLICATE_NAME_TIMEOUT)
                            .getFirst()
                            .isPresent();
                } while (!alive && engine.processes().isMember(first) && isLatest(view));
                if (alive && isLatest(view)) {
                    end(new Ending.NameTaken(self.node()));
                }
            });
        }

        private boolean isLatest(View view) {
            return !closed.get() && engine.membership().isLatest(view);
        }

        /** Without the copy this node would give wrong answers about names and elections. */
        @Override
        public void consensusLost(Throwable why) {
            LOG.error("Node {} cannot follow the log of the voters any more.", self.node(), EscapedException.of(why));
            String message = why.getMessage();
            endLater(new Ending.CopyLost(message == null ? why.toString() : message));
        }

        @Override
        public void minority(boolean now, List<String> members) {
            if (minority != Minority.CONTINUE) {
                engine.candidacies().suspend(now);
            }
            if (!now) {
                engine.info("members", members, "it is in a majority again, with {}.");
                return;
            }
            engine.warn("members", members, "it is in a minority, with {}. Its policy is " + minority + ".");
            if (minority == Minority.CLOSE) {
                endLater(new Ending.InMinority(members));
            }
        }
    }

    private void endLater(Ending how) {
        Thread.ofVirtual().name("end " + self.node()).start(() -> end(how));
    }

    /** Opens the wire. Starts the loop before, so that events of the wire are processed from the beginning. */
    <E extends Exception> void open(NodeWire.Opener<E> opening, int capacity, Duration stall) throws E {
        engine.start();
        boolean running = false;
        try {
            link.open(opening, engine, time, capacity, stall);
            running = true;
            if (closed.get()) {
                link.close(); // the node ended while it was being opened
            }
        } finally {
            if (!running) {
                engine.end();
            }
        }
        awaitSynced(engine::isSynced);
    }

    private void awaitSynced(BooleanSupplier condition) {
        if (!waitFor(engine.await(condition), SYNC_TIMEOUT)) {
            LOG.warn(
                    "Node {} goes on, but does not have the names, groups, metadata and subscriptions of all members yet."
                            + " It gets them when they answer.",
                    self.node());
        }
    }

    /** Waits, and returns whether it was done in time. */
    private boolean waitFor(CompletableFuture<Void> done, Duration patience) {
        try {
            time.await(done, patience.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return done.isDone();
    }

    @Override
    public String name() {
        return self.node();
    }

    @Override
    public long incarnation() {
        return self.incarnation();
    }

    @Override
    public int port() {
        return link.wire().port();
    }

    @Override
    public ConnectOutcome connect(String address) {
        Objects.requireNonNull(address, "address");
        checkOpen();
        ConnectOutcome outcome = link.wire().connect(address);
        if (outcome instanceof ConnectOutcome.Connected) {
            awaitSynced(() -> engine.membership().view().members().size() > 1 && engine.isSynced());
        }
        return outcome;
    }

    @Override
    public void disconnect() {
        checkOpen();
        leave();
        link.wire().disconnect();
        engine.stay();
        boolean _ =
                waitFor(engine.await(() -> engine.membership().view().members().size() == 1), SYNC_TIMEOUT);
    }

    /** Sends a notice that this node leaves to all members, and waits until it has arrived. */
    private void leave() {
        boolean _ = waitFor(engine.leave(), LEAVE_TIMEOUT);
        // After the notice in each session: a reply shows that the notice has arrived.
        engine.health().pingAll(LEAVE_TIMEOUT);
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("Node " + self.node() + " is closed.");
        }
    }

    @Override
    public Optional<Duration> ping(String node, Duration timeout) {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(timeout, "timeout");
        return engine.health().ping(node, timeout);
    }

    @Override
    public Health health(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        return engine.health().check(timeout);
    }

    @Override
    public <M> Pid<M> spawn(Class<M> type, Body<M> body) {
        return spawn(Type.of(type), body);
    }

    @Override
    public <M> Pid<M> spawn(Type<M> type, Body<M> body) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(body, "body");
        checkOpen();
        return engine.processes().spawn(type, body);
    }

    @Override
    public Monitor monitor(Pid<?> pid, Consumer<? super Down> listener) {
        Objects.requireNonNull(pid, "pid");
        Objects.requireNonNull(listener, "listener");
        checkOpen();
        return engine.processes().monitor(pid, listener);
    }

    @Override
    public Monitor monitorNode(String node, Consumer<? super NodeDown> listener) {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(listener, "listener");
        checkOpen();
        return engine.processes().monitorNode(node, listener);
    }

    @Override
    public Registry registry() {
        return engine.voters().<Registry>map(ConsensusService::registry).orElse(engine.registry());
    }

    @Override
    public <M> ProcessGroup<M> group(Name<M> name) {
        Objects.requireNonNull(name, "name");
        return engine.groups().group(name);
    }

    @Override
    public List<String> groups() {
        return engine.groups().names();
    }

    @Override
    public Rpc rpc() {
        return engine.procedures();
    }

    @Override
    public Membership membership() {
        return engine.membership();
    }

    Optional<RaftNode> consensus() {
        return engine.voters().map(ConsensusService::raft);
    }

    @Override
    public VoterList voters() {
        return voters;
    }

    @Override
    public Metadata metadata() {
        return engine.metadata();
    }

    @Override
    public Election election(String name) {
        Objects.requireNonNull(name, "name");
        NameRule.check("election", name);
        checkOpen();
        return engine.elections().of(name);
    }

    @Override
    public List<ElectionState> elections(int limit) {
        return engine.elections().names(limit).stream()
                .map(name -> new ElectionState(name, engine.elections().leader(name)))
                .toList();
    }

    @Override
    public PubSub pubsub() {
        return engine.pubsub().pubsub();
    }

    @Override
    public long statistic(Statistic which) {
        Objects.requireNonNull(which, "which");
        return statistics.read(which);
    }

    @Override
    public List<LinkState> links() {
        return engine.membership().others().stream().map(this::state).toList();
    }

    @Override
    public Optional<LinkState> link(String node) {
        Objects.requireNonNull(node, "node");
        return engine.membership().peer(node).filter(peer -> !peer.equals(self)).map(this::state);
    }

    private LinkState state(Peer peer) {
        return link.state(peer, engine.pings().roundTrip(peer));
    }

    @Override
    public CompletableFuture<Ending> ended() {
        return ended.copy();
    }

    @Override
    public void close() {
        end(new Ending.Closed());
    }

    private void end(Ending how) {
        if (closed.compareAndSet(false, true)) {
            announce(how);
            engine.elections().close();
            engine.voters().ifPresent(ConsensusService::close);
            leave();
            engine.processes().close();
            link.close();
            engine.end();
            ended.complete(how);
        }
    }

    /** Reports the end before anything else ends: servers over the pub/sub send their clients to other nodes. */
    private void announce(Ending how) {
        PubSubEnd end = switch (how) {
            case Ending.Closed() -> new PubSubEnd("closed", "Node " + self.node() + " was closed.");
            case Ending.NameTaken _ ->
                new PubSubEnd(
                        "name_taken",
                        "Node " + self.node()
                                + " has ended: another living node of this name was in the cluster before it.");
            case Ending.CopyLost(String why) ->
                new PubSubEnd(
                        "copy_lost",
                        "Node " + self.node() + " has ended: it cannot follow the log of the voters any more: " + why
                                + ".");
            case Ending.InMinority(List<String> members) ->
                new PubSubEnd(
                        "minority", "Node " + self.node() + " has ended: it is in a minority, with " + members + ".");
        };
        if (!(how instanceof Ending.Closed)) {
            LOG.error(end.text());
        }
        engine.pubsub().pubsub().end(end);
    }

    @Override
    public CompletableFuture<Void> kill() {
        CompletableFuture<Void> killed = new CompletableFuture<>();
        if (closed.compareAndSet(false, true)) {
            announce(new Ending.Closed());
            link.close();
            Thread.ofVirtual().name("kill " + self.node()).start(() -> {
                engine.elections().close();
                engine.voters().ifPresent(ConsensusService::close);
                engine.processes().close();
                engine.end();
                ended.complete(new Ending.Closed());
                killed.complete(null);
            });
        } else {
            killed.complete(null);
        }
        return killed;
    }

    @Override
    public boolean isQuiescent(Predicate<Peer> stuck) {
        return (closed.get() || link.isQuiescent(stuck)) && engine.isQuiescent();
    }

    @Override
    public long queuedBytes(Peer member) {
        return link.queuedBytes(member);
    }

    @Override
    public boolean hasDelivered() {
        return engine.pubsub().hasDelivered();
    }

    @Override
    public long wakes() {
        return link.wakes() + engine.wakes();
    }
}
