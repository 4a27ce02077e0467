package io.heliodor.node.engine;

import io.heliodor.binary.DecodeException;
import io.heliodor.codec.Codecs;
import io.heliodor.link.Link;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.node.consensus.ConsensusConfig;
import io.heliodor.node.consensus.ConsensusService;
import io.heliodor.node.election.Candidacies;
import io.heliodor.node.election.CoordinatorCandidacies;
import io.heliodor.node.election.Elections;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.node.membership.ClusterHealth;
import io.heliodor.node.membership.ClusterMembership;
import io.heliodor.node.membership.ClusterMetadata;
import io.heliodor.node.membership.Ping;
import io.heliodor.node.membership.Pings;
import io.heliodor.node.pubsub.NodeTransport;
import io.heliodor.node.pubsub.PubSubNodes;
import io.heliodor.node.pubsub.Publish;
import io.heliodor.node.pubsub.RemoteInterest;
import io.heliodor.node.registry.ClusterGroups;
import io.heliodor.node.registry.CoordinatorRegistry;
import io.heliodor.process.ConflictResolver;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.process.engine.ProcessLimits;
import io.heliodor.process.engine.Processes;
import io.heliodor.protocol.LeaveNotice;
import io.heliodor.protocol.MapMessage;
import io.heliodor.protocol.Names;
import io.heliodor.protocol.NamesMessage;
import io.heliodor.protocol.ReplicatedMaps;
import io.heliodor.protocol.Roster;
import io.heliodor.rpc.engine.Procedures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the parts of a node, routes messages and events of the link to them, and runs their states on the node's loop. */
public final class NodeEngine implements Link.Listener {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    /** The begin of log lines. */
    private static final String NODE = "Node {}: ";

    private static final Duration TICK = Duration.ofMillis(100);

    /** A node that was frozen for this time may have been excluded. */
    private static final long FROZEN_NANOS = Duration.ofSeconds(6).toNanos();

    private final Time time;
    private final Supplier<Link> link;
    private final NodeLoop loop;
    private final Processes processes;
    private final Procedures procedures;

    // The states; accessed on the loop only.
    private final ReplicatedMaps maps;
    private final Names names;
    private final Roster roster;
    private final PendingRequests<Boolean> acks = new PendingRequests<>();
    private final List<Awaited> awaited = new ArrayList<>();
    private final List<MembershipEvent> events = new ArrayList<>();
    private final Set<Peer> open = new HashSet<>();
    private long tickedAt;

    private final Peer self;

    private final Listener listener;

    /** On the loop. */
    private final MinorityState minorityState = new MinorityState();

    private final ClusterMembership membership;
    private final ClusterMetadata metadata;
    private final ClusterHealth health;
    private final PubSubNodes nodes;
    private final NodeTransport pubsub;
    private final ClusterGroups groups;
    private final CoordinatorRegistry registry;
    private final CoordinatorCandidacies candidacies;
    private final Elections elections;
    private final Optional<ConsensusService> voters;
    private final Pings pings;
    private final MessageRoutes routes = new MessageRoutes();

    /** Reacts to what ends a node, or its duties. On the loop; no method may block. */
    public interface Listener {
        /** Another incarnation of the name of this node is in a view, before this one. */
        void duplicateName(Peer first, View view);

        /** The copy of the log of the voters is lost. */
        void consensusLost(Throwable why);

        /** The node is in a minority from now on, or in a majority again. */
        void minority(boolean minority, List<String> members);
    }

    public NodeEngine(
            Peer self,
            Time time,
            Supplier<Link> link,
            Codecs.Builder types,
            ConflictResolver resolver,
            Optional<ConsensusConfig> voting,
            int maxNames,
            int maxTopics,
            Listener listener)
            throws DecodeException {
        this.self = self;
        this.listener = listener;
        this.time = time;
        this.link = link;
        this.loop = new NodeLoop(self.node(), time.loopThread(), this::tick, this::afterTask);
        this.processes = new Processes(self, link, time, types, ProcessLimits.defaults());
        this.procedures = new Procedures(processes, Procedures.MAX_CONCURRENT);
        NodeEffects effects = new NodeEffects(this);
        this.maps = new ReplicatedMaps(
                self,
                effects.new MapEffects(),
                maxTopics + RemoteInterest.BUCKETS,
                ClusterGroups.MAX_ENTRIES,
                ClusterMetadata.MAX_ENTRIES);
        this.names = new Names(self, effects.new NameEffects(), maxNames);
        this.roster = new Roster(self, effects.new RosterEffects());
        this.membership = new ClusterMembership(self, loop, processes.counters());
        this.metadata = new ClusterMetadata(self, loop, maps, membership::peer);
        this.voters = voting.isEmpty()
                ? Optional.empty()
                : Optional.of(new ConsensusService(
                        self,
                        voting.get(),
                        time,
                        loop,
                        link,
                        processes,
                        this::elections,
                        membership::view,
                        listener::consensusLost));
        this.pings = new Pings(link, time, processes::isMember);
        this.health = new ClusterHealth(
                self.node(),
                membership,
                pings,
                voters.map(present -> present::quorum),
                () -> voters.map(present -> present.raft().status().reasons()).orElse(List.of()),
                () -> link.get().absentSeeds());
        this.nodes = new PubSubNodes(
                self,
                loop,
                procedures,
                processes.codecs(),
                health,
                time,
                () -> pubsub().remoteInterest(),
                () -> await(maps::complete));
        this.pubsub = new NodeTransport(
                loop, time, maps, acks, link, processes.codecs(), processes.counters(), nodes::of, maxTopics);
        this.groups = new ClusterGroups(self, loop, time, maps, acks, processes, processes.counters());
        this.registry = new CoordinatorRegistry(loop, time, names, processes, resolver, processes.counters());
        this.candidacies = new CoordinatorCandidacies(loop, names);
        this.elections = new Elections(
                this.voters.<Candidacies>map(consensus -> consensus).orElse(candidacies), time);
        route();
    }

    private void route() {
        processes.route(routes);
        procedures.route(routes);
        voters.ifPresent(consensus -> consensus.route(routes));
        MapMessage.route(routes, loop.receiver(maps::received));
        NamesMessage.route(routes, loop.receiver(names::received));
        LeaveNotice.route(routes, loop.receiver(roster::received));
        routes.add(Publish.TYPE, Publish::read, pubsub::received);
        routes.add(Ping.TYPE, Ping::read, pings::received);
    }

    /** Reports a change of majority or minority. On the loop, after the roster has the view. */
    private void updateMinority() {
        List<String> members = membership.view().members().stream()
                .map(Peer::node)
                .sorted()
                .distinct()
                .toList();
        boolean majority =
                voters.map(consensus -> consensus.quorum(Set.copyOf(members))).orElseGet(roster::majority);
        minorityState.update(majority).ifPresent(now -> listener.minority(now, members));
    }

    /** Starts the loop and its ticks. */
    public void start() {
        loop.start();
        voters.ifPresent(ConsensusService::start);
        tickedAt = time.nanos(); // before the first tick: a node may be paused before it, too
        Time.Task _ = time.every(TICK, loop::tick);
    }

    /** A wait for a condition on the loop. */
    private record Awaited(BooleanSupplier condition, CompletableFuture<Void> done) {}

    /** Completes when a condition holds on the loop. */
    public CompletableFuture<Void> await(BooleanSupplier condition) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!loop.execute(() -> awaited.add(new Awaited(condition, done)))) {
            done.complete(null);
        }
        return done;
    }

    /** Called after each task of the loop. */
    private void afterTask() {
        awaited.removeIf(waiting -> {
            boolean so = waiting.condition().getAsBoolean();
            if (so) {
                waiting.done().complete(null);
            }
            return so;
        });
    }

    /**
     * Whether sessions to all members of the view are open, and this node has the table of names and the maps of each
     * member. From then on it reads all earlier registrations, joins and subscriptions, and publishes to all subscribers.
     */
    public boolean isSynced() {
        return names.isSynced()
                && maps.complete()
                && open.size() == membership.view().members().size() - 1;
    }

    Link link() {
        return link.get();
    }

    private void tick() {
        long now = time.nanos();
        if (now - tickedAt > FROZEN_NANOS) {
            warn("seconds", (now - tickedAt) / 1_000_000_000, "it was paused for {} s: others may have excluded it.");
            voters.ifPresentOrElse(ConsensusService::paused, () -> elections.presumeDead(now));
        }
        tickedAt = now;
        maps.tick(now);
        pubsub.tick(now);
        pubsub.takeDropped().forEach(nodes::dropped);
        nodes.tick(now);
        names.tick(now);
        roster.tick(now);
        elections.tick(now);
        voters.ifPresent(consensus -> consensus.tick(now));
    }

    @Override
    public void view(View next) {
        processes.view(next);
        pings.view();
        pubsub.view(next);
        voters.ifPresent(consensus -> consensus.raft().view(next));
        loop.execute(() -> {
            membership.install(next);
            roster.view(next);
            publishEvents();
            maps.view(next);
            names.view(next);
            updateMinority();
            nodes.view(next);
            voters.ifPresent(consensus -> consensus.view(next));
            Optional.ofNullable(next.byName().get(self.node()))
                    .filter(first -> !first.equals(self))
                    .ifPresent(first -> listener.duplicateName(first, next));
        });
    }

    @Override
    public void opened(Peer peer) {
        processes.opened(peer);
        voters.ifPresent(consensus -> consensus.raft().opened(peer));
        loop.execute(() -> {
            open.add(peer);
            roster.opened(peer);
            // After the notice of leaving, if there is one: a reply shows that the peer has the notice.
            pings.opened(peer);
            maps.opened(peer);
            names.opened(peer);
            nodes.opened(peer);
        });
    }

    @Override
    public void closed(Peer peer) {
        processes.closed(peer);
        voters.ifPresent(consensus -> consensus.closed(peer));
        loop.execute(() -> {
            open.remove(peer);
            maps.closed(peer);
            names.closed(peer);
            nodes.closed(peer);
        });
    }

    @Override
    public void suspected(Peer peer, boolean suspect) {
        loop.execute(() -> {
            roster.suspected(peer, suspect);
            publishEvents();
            maps.suspected(peer, suspect);
            names.suspected(peer, suspect);
        });
    }

    @Override
    public void received(Peer from, byte[] envelope) {
        routes.dispatch(from, envelope).ifPresent(problem -> {
            processes.counters().increment(NodeCounter.MESSAGES_MALFORMED);
            LOG.debug("A message of {} was dropped: {}", from, problem);
        });
    }

    // Log lines with the node and one more field, whose value replaces the {} of the text.

    public void info(String field, Object value, String text) {
        LOG.atInfo().addKeyValue("node", self.node()).addKeyValue(field, value).log(NODE + text, self.node(), value);
    }

    public void warn(String field, Object value, String text) {
        LOG.atWarn().addKeyValue("node", self.node()).addKeyValue(field, value).log(NODE + text, self.node(), value);
    }

    /** Replaces the copy of the roster for users, then publishes its events, so that listeners find the new state. */
    private void publishEvents() {
        membership.show(roster);
        events.forEach(membership::publish);
        events.clear();
    }

    /** Adds an event that is published with the next change of the roster. On the loop. */
    public void event(MembershipEvent event) {
        events.add(event);
    }

    /** Sends a notice of leaving to all members. Completes when the notices are queued. */
    public CompletableFuture<Void> leave() {
        CompletableFuture<Void> noticed = new CompletableFuture<>();
        boolean runs = loop.execute(() -> {
            minorityState.leave();
            roster.leave();
            noticed.complete(null);
        });
        if (!runs) {
            noticed.complete(null);
        }
        return noticed;
    }

    /** This node has left, and continues alone. */
    public void stay() {
        boolean _ = loop.execute(roster::stay);
    }

    /** Ends the loop and everything that belongs to it, after the link is closed. */
    public void end() {
        loop.execute(() -> {
            registry.close();
            acks.close(true);
        });
        loop.close();
        voters.ifPresent(ConsensusService::end);
        pubsub.pubsub().close();
        membership.close();
        time.close();
    }

    public boolean isQuiescent() {
        return loop.isQuiescent() && voters.map(ConsensusService::isQuiescent).orElse(true);
    }

    /** How many tasks its loops were given, and how often a delivery queue has begun to deliver. */
    public long wakes() {
        return loop.added() + voters.map(ConsensusService::tasks).orElse(0L) + pubsub.deliveryWakes();
    }

    /** On the loop. */
    public PendingRequests<Boolean> acks() {
        return acks;
    }

    public CoordinatorCandidacies candidacies() {
        return candidacies;
    }

    public Processes processes() {
        return processes;
    }

    public Procedures procedures() {
        return procedures;
    }

    public ClusterMembership membership() {
        return membership;
    }

    public ClusterMetadata metadata() {
        return metadata;
    }

    public NodeTransport pubsub() {
        return pubsub;
    }

    public ClusterGroups groups() {
        return groups;
    }

    public CoordinatorRegistry registry() {
        return registry;
    }

    public Elections elections() {
        return elections;
    }

    public Optional<ConsensusService> voters() {
        return voters;
    }

    public Pings pings() {
        return pings;
    }

    public ClusterHealth health() {
        return health;
    }
}
