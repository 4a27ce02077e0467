package io.heliodor.node;

import io.heliodor.codec.Codecs;
import io.heliodor.link.Envelope;
import io.heliodor.link.Link;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Routes;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.process.ConflictResolver;
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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The states of a node, and the shells that show them: built, wired to the link, and run on the loop. What they want is
 * {@link NodeEffects}.
 */
final class NodeStates implements Link.Listener {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final Duration TICK = Duration.ofMillis(100);

    /** A node that slept as long may have been declared dead meanwhile. */
    private static final long SLEPT = Duration.ofSeconds(6).toNanos();

    private final Time time;
    private final Supplier<Link> link;
    private final Counters counters = new Counters();
    private final NodeLoop loop;
    private final Processes processes;
    private final Procedures procedures;

    // The states; touched on the loop alone.
    private final ReplicatedMaps maps;
    private final Names names;
    private final Roster roster;
    private final Waits waits = new Waits();
    private final List<Awaited> awaited = new ArrayList<>();
    private final List<MembershipEvent> events = new ArrayList<>();
    private View view;
    private final Set<Peer> open = new HashSet<>();
    private long tickedAt;

    private final Peer self;

    /** Told of another life of this name, when it comes before this one in a view. */
    private final Consumer<Peer> namesake;

    private final Minority minority;

    /** Gets the members of a minority that is to be closed. */
    private final Consumer<List<String>> inMinority;

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
    private final Routes routes = new Routes();

    NodeStates(
            Peer self,
            Time time,
            Supplier<Link> link,
            Codecs.Builder types,
            ConflictResolver resolver,
            Optional<ConsensusConfig> voting,
            int maxNames,
            Minority minority,
            Consumer<Peer> namesake,
            Consumer<Throwable> copyLost,
            Consumer<List<String>> inMinority) {
        this.self = self;
        this.minority = minority;
        this.inMinority = inMinority;
        this.namesake = namesake;
        this.time = time;
        this.link = link;
        this.view = new View(new ViewId(0, self), List.of(self), false);
        this.loop = new NodeLoop(self.node(), this::tick, this::afterTask);
        this.processes = new Processes(self, link, time, types, ProcessLimits.defaults());
        this.procedures = new Procedures(processes, Procedures.AT_ONCE);
        NodeEffects effects = new NodeEffects(this);
        this.maps = new ReplicatedMaps(
                self, effects.new MapEffects(), Kinds.MAX_TOPICS + 1, Kinds.MAX_GROUP_ENTRIES, Kinds.MAX_METADATA);
        this.names = new Names(self, effects.new NameEffects(), maxNames);
        this.roster = new Roster(self, effects.new RosterEffects());
        this.membership = new ClusterMembership(self, loop, counters);
        this.metadata = new ClusterMetadata(self, loop, maps, membership::peer);
        this.voters = voting.map(with ->
                new ConsensusService(self, with, time, loop, link, processes, effects.new VoterEffects(), copyLost));
        this.pings = new Pings(link, time);
        this.health = new ClusterHealth(self.node(), membership, pings, this.voters);
        this.nodes = new PubSubNodes(
                self,
                loop,
                procedures,
                processes.codecs(),
                health,
                time,
                key -> pubsub().remoteInterest().of(key));
        this.pubsub = new NodeTransport(
                loop, time, maps, waits, link, processes.codecs(), counters, nodes::of, Kinds.MAX_TOPICS);
        this.groups = new ClusterGroups(self, loop, time, maps, waits, processes, counters);
        this.registry = new CoordinatorRegistry(self, loop, time, names, processes, resolver, counters);
        this.candidacies = new CoordinatorCandidacies(loop, names);
        this.elections =
                new Elections(this.voters.<Candidacies>map(room -> room).orElse(candidacies), time);
        route();
    }

    private void route() {
        processes.route(routes);
        procedures.route(routes);
        voters.ifPresent(room -> room.route(routes));
        MapMessage.route(routes, onLoop((from, message) -> maps.received(from, message)));
        NamesMessage.route(routes, onLoop((from, message) -> names.received(from, message)));
        LeaveNotice.route(routes, onLoop((from, message) -> roster.received(from, message)));
        routes.add(Publish.TYPE, Publish::read, pubsub::received);
        routes.add(Ping.TYPE, Ping::read, pings::received);
    }

    /** Whether this node is in a minority now, and the consequences if that changed. On the loop, after the roster has the view. */
    private void updateMinority() {
        List<String> members =
                view.members().stream().map(Peer::node).sorted().distinct().toList();
        boolean majority = voters.map(room -> room.quorum(Set.copyOf(members))).orElseGet(roster::majority);
        minorityState.update(majority).ifPresent(now -> {
            if (minority != Minority.CONTINUE) {
                candidacies.suspend(now);
            }
            if (!now) {
                info("members", members).log("This node is in a majority again.");
                return;
            }
            warn("members", members).addKeyValue("policy", minority).log("This node is in a minority.");
            if (minority == Minority.CLOSE) {
                inMinority.accept(members);
            }
        });
    }

    /** What a state does with a message. */
    private interface Taking<M> {
        void take(Peer from, M message);
    }

    private <M extends Message> Routes.Receiver<M> onLoop(Taking<M> state) {
        return (from, message, correlation) -> loop.submitInbound(() -> state.take(from, message));
    }

    /** What is told from now on is heard, and time passes. */
    void start() {
        loop.start();
        voters.ifPresent(ConsensusService::start);
        Time.Task _ = time.every(TICK, loop::tick);
    }

    /** Somebody waits until something is so on the loop. */
    private record Awaited(BooleanSupplier condition, CompletableFuture<Void> done) {}

    /** Complete when something is so on the loop. */
    CompletableFuture<Void> once(BooleanSupplier condition) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!loop.execute(() -> awaited.add(new Awaited(condition, done)))) {
            done.complete(null);
        }
        return done;
    }

    /** Behind each task of the loop. */
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
     * Whether sessions to all members of the view are open, and this node has the table of names and the maps of each member:
     * from then on it reads what was registered, joined or subscribed before, and publishes to all who are subscribed.
     */
    boolean isSynced() {
        return names.isSynced()
                && maps.complete()
                && open.size() == view.members().size() - 1;
    }

    void send(Peer to, Message message) {
        link.get().post(to, Envelope.of(message).toBytes());
    }

    private void tick() {
        long now = time.nanos();
        if (tickedAt != 0 && now - tickedAt > SLEPT) {
            warn("seconds", (now - tickedAt) / 1_000_000_000)
                    .log("This node slept: others may have gone on without it.");
            elections.presumeDead(now);
        }
        tickedAt = now;
        maps.tick(now);
        pubsub.tick(now);
        nodes.tick(now);
        names.tick(now);
        roster.tick(now);
        elections.tick(now);
        voters.ifPresent(room -> room.tick(now));
    }

    @Override
    public void view(View next) {
        processes.view(next);
        pings.view(next);
        pubsub.view(next);
        voters.ifPresent(room -> room.consensus().view(next));
        loop.execute(() -> {
            view = next;
            roster.view(next);
            publishEvents();
            maps.view(next);
            names.view(next);
            updateMinority();
            nodes.view(next);
            voters.ifPresent(room -> room.view(next));
            next.members().stream()
                    .takeWhile(peer -> !peer.equals(self))
                    .filter(peer -> peer.node().equals(self.node()))
                    .findFirst()
                    .ifPresent(namesake);
        });
    }

    @Override
    public void opened(Peer peer) {
        processes.opened(peer);
        voters.ifPresent(room -> room.consensus().opened(peer));
        loop.execute(() -> {
            open.add(peer);
            roster.opened(peer);
            // Behind the farewell, if there is one: a reply shows that the peer has it.
            pings.opened(peer);
            maps.opened(peer);
            names.opened(peer);
            nodes.opened(peer);
        });
    }

    @Override
    public void closed(Peer peer) {
        processes.closed(peer);
        voters.ifPresent(room -> room.closed(peer));
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
            names.suspected(peer, suspect);
        });
    }

    @Override
    public void received(Peer from, byte[] envelope) {
        routes.pass(from, envelope).ifPresent(problem -> {
            counters.add(Statistic.MESSAGES_MALFORMED);
            LOG.debug("A message of {} went to nobody: {}", from, problem);
        });
    }

    // For logs: with what each line is about as fields of their own.

    LoggingEventBuilder info(String field, Object value) {
        return LOG.atInfo().addKeyValue("node", self.node()).addKeyValue(field, value);
    }

    LoggingEventBuilder warn(String field, Object value) {
        return LOG.atWarn().addKeyValue("node", self.node()).addKeyValue(field, value);
    }

    /** Shows the roster as it is now, and then says what changed: who hears of it finds it so. */
    private void publishEvents() {
        membership.show(roster, view);
        events.forEach(membership::publish);
        events.clear();
    }

    /** Told with the next change of the roster. On the loop. */
    void event(MembershipEvent event) {
        events.add(event);
    }

    /** Tells all that this node leaves. Complete when that is on its way. */
    CompletableFuture<Void> leave() {
        CompletableFuture<Void> told = new CompletableFuture<>();
        boolean runs = loop.execute(() -> {
            minorityState.leave();
            roster.leave();
            told.complete(null);
        });
        if (!runs) {
            told.complete(null);
        }
        return told;
    }

    /** This node has left, and goes on alone. */
    void stay() {
        boolean _ = loop.execute(roster::stay);
    }

    /** What is left when nobody can be told any more. */
    void end() {
        loop.execute(() -> {
            registry.close();
            waits.endAll();
        });
        loop.close();
        voters.ifPresent(ConsensusService::end);
        pubsub.pubsub().close();
        membership.close();
        time.close();
    }

    boolean isQuiescent() {
        return loop.isQuiescent() && voters.map(ConsensusService::isQuiescent).orElse(true);
    }

    /** On the loop. */
    View view() {
        return view;
    }

    /** On the loop. */
    Waits waits() {
        return waits;
    }

    Counters counters() {
        return counters;
    }

    Processes processes() {
        return processes;
    }

    Procedures procedures() {
        return procedures;
    }

    ClusterMembership membership() {
        return membership;
    }

    ClusterMetadata metadata() {
        return metadata;
    }

    NodeTransport pubsub() {
        return pubsub;
    }

    ClusterGroups groups() {
        return groups;
    }

    CoordinatorRegistry registry() {
        return registry;
    }

    Elections elections() {
        return elections;
    }

    Optional<ConsensusService> voters() {
        return voters;
    }

    Pings pings() {
        return pings;
    }

    ClusterHealth health() {
        return health;
    }
}
