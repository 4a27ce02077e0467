package io.heliodor.node;

import io.heliodor.codec.Codecs;
import io.heliodor.election.Election;
import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.SessionLink;
import io.heliodor.link.Time;
import io.heliodor.membership.Health;
import io.heliodor.membership.Membership;
import io.heliodor.membership.Metadata;
import io.heliodor.membership.VoterList;
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
import io.heliodor.rpc.Rpc;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node that runs, as its users see it: its life, and the way to what it is made of. */
final class RunningNode implements WiredNode {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final Duration MEETING = Duration.ofSeconds(5);
    private static final Duration LEAVE = Duration.ofSeconds(2);

    private final Peer self;
    private final Time time;
    private final NodeStates states;
    private final ClusterHealth health;
    private final VoterList voters;
    private final Statistics statistics;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();

    private @Nullable NodeWire wire;
    private volatile @Nullable SessionLink link;
    private final CompletableFuture<SessionLink> linked = new CompletableFuture<>();

    /** The time ends with the node, and so does the disk of a voter. */
    RunningNode(
            Peer self,
            Time time,
            Codecs.Builder types,
            ConflictResolver resolver,
            Optional<ConsensusConfig> voting,
            int maxNames,
            Minority minority) {
        this.self = self;
        this.time = time;
        this.states = new NodeStates(
                self,
                time,
                this::link,
                types,
                resolver,
                voting,
                maxNames,
                minority,
                this::meet,
                this::loseCopy,
                this::endInMinority);
        this.health = states.health();
        this.voters = new ClusterVoters(states.voters(), time);
        this.statistics = new Statistics(
                states, () -> Optional.ofNullable(link).map(SessionLink::counters), () -> Optional.ofNullable(wire));
    }

    /** Without its copy the answers of this node about names and elections would be wrong. */
    private void loseCopy(Throwable why) {
        LOG.atError()
                .addKeyValue("node", self.node())
                .setCause(why)
                .log("This node cannot follow the log of the voters any more, and ends.");
        Thread.ofVirtual().name("end " + self.node()).start(() -> end(new Ending.CopyLost(String.valueOf(why))));
    }

    private void endInMinority(List<String> members) {
        LOG.atError()
                .addKeyValue("node", self.node())
                .addKeyValue("members", members)
                .log("This node is in a minority, and ends.");
        Thread.ofVirtual().name("end " + self.node()).start(() -> end(new Ending.InMinority(members)));
    }

    /** Another life of this name was here before: the one that lives keeps the name. A dead one is still to be excluded. */
    private void meet(Peer before) {
        Thread.ofVirtual().name("meet " + before.node()).start(() -> {
            boolean lives =
                    states.pings().ping(List.of(before), MEETING).getFirst().isPresent();
            if (lives && !closed.get()) {
                LOG.atError()
                        .addKeyValue("node", self.node())
                        .log("Another node of this name is alive, and was here before: this one ends.");
                end(new Ending.NameTaken(self.node()));
            }
        });
    }

    /** Opens the wire. What it tells meanwhile waits for the loop, which starts now. */
    <E extends Exception> void open(NodeWire.Opener<E> opening) throws E {
        states.start();
        boolean running = false;
        try {
            SessionLink opened = SessionLink.start(
                    listener -> {
                        NodeWire connecting = opening.open(listener);
                        wire = connecting;
                        return connecting.wire();
                    },
                    states,
                    time,
                    SessionLink.CAPACITY);
            link = opened;
            linked.complete(opened);
            running = true;
            if (closed.get()) {
                opened.close(); // it ended by itself before there was a link to be closed
            }
        } finally {
            if (!running) {
                // Who waits for the link must go on, or the loop would never end.
                linked.cancel(false);
                states.end();
            }
        }
        awaitSettled(states::isSynced);
    }

    private void awaitSettled(BooleanSupplier condition) {
        if (!waitFor(states.once(condition), SETTLE)) {
            LOG.warn(
                    "Node {} goes on, but does not have the names, groups, metadata and subscriptions of all members yet."
                            + " It gets them when they answer.",
                    self.node());
        }
    }

    /** Returns whether it was done in time. */
    private boolean waitFor(CompletableFuture<Void> done, Duration patience) {
        try {
            time.await(done, patience.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return done.isDone();
    }

    /** What the link tells before it is returned waits a moment to use it. */
    private Link link() {
        SessionLink present = link;
        return present == null ? linked.join() : present;
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
        return connecting().port();
    }

    private NodeWire connecting() {
        NodeWire present = wire;
        if (present == null) {
            throw new IllegalStateException("The node is not open.");
        }
        return present;
    }

    @Override
    public ConnectOutcome connect(String address) {
        checkOpen();
        ConnectOutcome outcome = connecting().connect(address);
        if (outcome instanceof ConnectOutcome.Connected) {
            awaitSettled(() -> states.view().members().size() > 1 && states.isSynced());
        }
        return outcome;
    }

    @Override
    public void disconnect() {
        checkOpen();
        leave();
        connecting().disconnect();
        states.stay();
        boolean _ = waitFor(states.once(() -> states.view().members().size() == 1), SETTLE);
    }

    /** Tells all that this node leaves, and gives that a moment to go out. */
    private void leave() {
        boolean _ = waitFor(states.leave(), LEAVE);
        // Behind the farewell in each session: who answers has got it.
        health.ask(LEAVE);
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("Node " + self.node() + " is closed.");
        }
    }

    @Override
    public Optional<Duration> ping(String node, Duration timeout) {
        return health.ping(node, timeout);
    }

    @Override
    public Health health(Duration timeout) {
        return health.check(timeout);
    }

    @Override
    public <M> Pid<M> spawn(Class<M> type, Body<M> body) {
        return spawn(Type.of(type), body);
    }

    @Override
    public <M> Pid<M> spawn(Type<M> type, Body<M> body) {
        checkOpen();
        return states.processes().spawn(type, body);
    }

    @Override
    public Monitor monitor(Pid<?> pid, Consumer<? super Down> listener) {
        checkOpen();
        return states.processes().monitor(pid, listener);
    }

    @Override
    public Monitor monitorNode(String node, Consumer<? super NodeDown> listener) {
        checkOpen();
        return states.processes().monitorNode(node, listener);
    }

    @Override
    public Registry registry() {
        return states.voters().<Registry>map(ConsensusService::registry).orElse(states.registry());
    }

    @Override
    public <M> ProcessGroup<M> group(Name<M> name) {
        return states.groups().group(name);
    }

    @Override
    public List<String> groups() {
        return states.groups().names();
    }

    @Override
    public Rpc rpc() {
        return states.procedures();
    }

    @Override
    public Membership membership() {
        return states.membership();
    }

    Optional<RaftNode> consensus() {
        return states.voters().map(ConsensusService::consensus);
    }

    @Override
    public VoterList voters() {
        return voters;
    }

    @Override
    public Metadata metadata() {
        return states.metadata();
    }

    @Override
    public Election election(String name) {
        checkOpen();
        return states.elections().of(name);
    }

    @Override
    public PubSub pubsub() {
        return states.pubsub().pubsub();
    }

    @Override
    public long statistic(Statistic which) {
        return statistics.read(which);
    }

    @Override
    public List<LinkState> links() {
        return states.membership().others().stream().map(this::state).toList();
    }

    @Override
    public Optional<LinkState> link(String node) {
        return states.membership().peer(node).filter(peer -> !peer.equals(self)).map(this::state);
    }

    private LinkState state(Peer peer) {
        SessionLink present = link;
        return new LinkState(
                peer.node(),
                present == null ? 0 : present.queued(peer),
                states.pings().roundTrip(peer),
                Optional.ofNullable(wire).map(some -> some.version(peer)).orElse(OptionalInt.empty()),
                Optional.ofNullable(wire).flatMap(some -> some.through(peer)).map(Peer::node));
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
            states.elections().close();
            states.voters().ifPresent(ConsensusService::close);
            leave();
            states.processes().close();
            SessionLink present = link;
            if (present != null) {
                present.close();
            }
            states.end();
            ended.complete(how);
        }
    }

    @Override
    public CompletableFuture<Void> kill() {
        CompletableFuture<Void> killed = new CompletableFuture<>();
        if (closed.compareAndSet(false, true)) {
            SessionLink present = link;
            if (present != null) {
                present.close();
            }
            Thread.ofVirtual().name("kill " + self.node()).start(() -> {
                states.elections().close();
                states.voters().ifPresent(ConsensusService::close);
                states.processes().close();
                states.end();
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
        SessionLink present = link;
        return (closed.get() || present == null || present.rests(stuck)) && states.isQuiescent();
    }
}
