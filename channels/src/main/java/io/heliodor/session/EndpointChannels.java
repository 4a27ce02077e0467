package io.heliodor.session;

import io.heliodor.channel.Channels;
import io.heliodor.channel.KeptMessages;
import io.heliodor.channel.Socket;
import io.heliodor.channel.definition.ConnectionId;
import io.heliodor.directory.Directory;
import io.heliodor.event.Event;
import io.heliodor.gossip.Gossip;
import io.heliodor.gossip.GossipEntry;
import io.heliodor.history.ResumeToken;
import io.heliodor.inspect.Operable;
import io.heliodor.observe.AuditEvent;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.session.cluster.IdPushes;
import io.heliodor.session.cluster.MemberCounts;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.eviction.EvictionLog;
import io.heliodor.session.fanout.Fastlane;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.fanout.Undeclared;
import io.heliodor.session.retention.KeptTopics;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Serializer;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * The channels of one endpoint, as the server's code and its operators use them. It is the entry of the endpoint in the directory of its
 * pub/sub. Any thread may use it, but no event loop the methods of {@link Operable}.
 */
public final class EndpointChannels implements Channels, Operable, AutoCloseable {
    private final PayloadCodec codec;
    private final KeptTopics keptTopics;
    private final Fastlane fastlane;
    private final SessionRegistry registry;
    private final ServedRoutes routes;
    private final Consumer<Undeclared> undeclared;
    private final Consumer<Undeclared> log;
    private final Gossip<GossipEntry> evictions;
    private final Inspection inspection;
    private final Observers observers;
    private final BooleanSupplier draining;
    private final AtomicBoolean drainBegun = new AtomicBoolean();
    private final Directory<Channels> directory;
    private final Subscription registered;
    private final IdPushes pushes;
    private final MemberCounts members;
    private volatile Optional<Runnable> drainer = Optional.empty();
    private volatile boolean closed;

    EndpointChannels(
            PubSub pubsub,
            PayloadCodec codec,
            KeptTopics keptTopics,
            SessionRegistry registry,
            ServedRoutes routes,
            Consumer<Undeclared> undeclared,
            Consumer<Undeclared> log,
            Gossip<GossipEntry> evictions,
            Inspection inspection,
            Observers observers,
            Counters counters,
            BooleanSupplier draining,
            int number) {
        this.codec = codec;
        this.keptTopics = keptTopics;
        this.fastlane = keptTopics.fastlane();
        this.registry = registry;
        this.routes = routes;
        this.undeclared = undeclared;
        this.log = log;
        this.evictions = evictions;
        this.inspection = inspection;
        this.observers = observers;
        this.draining = draining;
        this.directory = new Directory<>(pubsub, Channels.class);
        this.registered = directory.add(this);
        this.pushes = new IdPushes(
                pubsub.scope("heliodor.sockets"),
                number,
                IdPushes.MAX_COUNTS,
                () -> counters.increment(Counter.PUSH_COUNTS_CUT),
                pushHere(directory));
        this.members = MemberCounts.over(ClusterPubSub.nodesOf(fastlane.pubsub()), memberCountHere(directory));
    }

    @Override
    public Inspection inspection() {
        return inspection;
    }

    /**
     * Sets the task that drains the server of the endpoint.
     *
     * @param drain drains it, and blocks until then
     */
    public void drainsBy(Runnable drain) {
        drainer = Optional.of(drain);
    }

    @Override
    public boolean beginDrain() {
        if (closed) {
            return false;
        }
        drainer.filter(_ -> !draining.getAsBoolean() && drainBegun.compareAndSet(false, true))
                .ifPresent(drain -> Thread.ofVirtual().name("heliodor-drain").start(drain));
        return drainer.isPresent();
    }

    @Override
    public int disconnectConnection(String connection, Optional<String> id) {
        return registry.disconnect(connection, id);
    }

    @Override
    public void audit(AuditEvent event, Map<String, String> fields) {
        observers.audit().write(event, line -> fields.forEach(line::with));
    }

    @Override
    public <T> void broadcast(String topic, Event<T> event, T payload) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(event, "event");
        checkNoPattern(topic);
        checkOpen();
        checkServed(topic, event);
        fastlane.broadcast(List.of(topic), event, payload, null);
    }

    @Override
    public <T> void broadcast(Collection<String> topics, Event<T> event, T payload) {
        Objects.requireNonNull(topics, "topics");
        Objects.requireNonNull(event, "event");
        topics.forEach(EndpointChannels::checkNoPattern);
        checkOpen();
        topics.forEach(topic -> checkServed(topic, event));
        fastlane.broadcast(new LinkedHashSet<>(topics), event, payload, null);
    }

    /** The endpoints of this node over the pub/sub. */
    private static Stream<EndpointChannels> all(Directory<Channels> directory) {
        return directory.all().stream()
                .filter(EndpointChannels.class::isInstance)
                .map(EndpointChannels.class::cast);
    }

    @Override
    public <T> CompletionStage<Integer> push(String id, Event<T> event, T payload) {
        ConnectionId.check(id);
        Objects.requireNonNull(event, "event");
        checkOpen();
        routes.checkOfSockets(event, undeclared);
        return pushes.push(id, event.name(), codec.encode(event, payload));
    }

    /** Without a reference to this endpoint, as another one may deliver for all of this node. */
    private static IdPushes.Delivery pushHere(Directory<Channels> directory) {
        return (id, event, payload) -> {
            Map<Serializer, byte[]> encoded = new HashMap<>();
            return (int) all(directory)
                    .flatMap(endpoint -> endpoint.registry.find(id).stream())
                    .filter(session -> session.push(event, payload, encoded))
                    .count();
        };
    }

    @Override
    public List<Socket<?>> localConnections(String id) {
        Objects.requireNonNull(id, "socketId");
        checkOpen();
        return all(directory)
                .<Socket<?>>flatMap(endpoint -> endpoint.registry.find(id).stream())
                .toList();
    }

    @Override
    public List<Socket<?>> localMembers(String topic) {
        Objects.requireNonNull(topic, "topic");
        checkOpen();
        return all(directory)
                .flatMap(endpoint -> endpoint.fastlane.find(topic).stream())
                .flatMap(known -> known.sockets().stream())
                .toList();
    }

    @Override
    public int memberCount(String topic) {
        Objects.requireNonNull(topic, "topic");
        checkOpen();
        return members.count(topic, fastlane.elsewhere(topic));
    }

    /** Without a reference to this endpoint, which it may outlive. */
    private static ToIntFunction<String> memberCountHere(Directory<Channels> directory) {
        return topic -> all(directory)
                .flatMap(endpoint -> endpoint.fastlane.find(topic).stream())
                .mapToInt(FastlaneTopic::memberCount)
                .sum();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The endpoint is closed, so its channels cannot be reached any more.");
        }
    }

    @Override
    public boolean serves(String topic) {
        Objects.requireNonNull(topic, "topic");
        return routes.serves(topic);
    }

    @Override
    public KeptMessages newest(String topic, int limit) {
        Objects.requireNonNull(topic, "topic");
        checkLimit(limit);
        checkOpen();
        return keptTopics.read(topic, kept -> kept.newest(limit));
    }

    @Override
    public KeptMessages since(String topic, String token, int limit) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(token, "token");
        checkLimit(limit);
        checkOpen();
        Optional<ResumeToken> since = ResumeToken.of(token);
        return keptTopics.read(topic, kept -> kept.since(since, limit));
    }

    private static void checkLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("A limit is 1 or more, not " + limit + ".");
        }
    }

    /** {@inheritDoc} A node that is cut off closes its connections when it is back within a minute. */
    @Override
    public void disconnect(String id) {
        ConnectionId.check(id);
        evict(new Eviction.Disconnected(id));
    }

    @Override
    public <T> void kick(String id, Event<T> event, T payload) {
        ConnectionId.check(id);
        Objects.requireNonNull(event, "event");
        routes.checkOfSockets(event, undeclared);
        evict(Eviction.kick(id, event, payload, codec));
    }

    @Override
    public void remove(String id, String topic) {
        ConnectionId.check(id);
        Objects.requireNonNull(topic, "topic");
        evict(Eviction.remove(id, topic));
    }

    @Override
    public void recheck(String id) {
        ConnectionId.check(id);
        evict(new Eviction.Rechecked(id));
    }

    private void evict(Eviction eviction) {
        checkOpen();
        evictions.publish(EvictionLog.entry(eviction));
    }

    /** A topic of this name has other members than the caller means. */
    private static void checkNoPattern(String topic) {
        Objects.requireNonNull(topic, "topic");
        if (topic.endsWith("*")) {
            throw new IllegalArgumentException("'" + ControlCharacters.escaped(topic)
                    + "' is a pattern of channels, not a topic, so no member would get the broadcast; name each topic, or"
                    + " keep them in a group: Groups.over(pubsub).");
        }
    }

    /**
     * Reports a broadcast to a topic that no endpoint of this JVM serves: a wrong name, or a process without the declarations of the
     * nodes that serve it, which cannot know that the event is kept.
     */
    private void checkServed(String topic, Event<?> event) {
        if (routes.serves(topic)
                || fastlane.find(topic).isPresent()
                || all(directory).anyMatch(each -> each.routes.serves(topic))) {
            return;
        }
        String sent = "The event '" + event.name() + "' is broadcast to '" + topic
                + "', which no channel of this process serves";
        // One report for all topics of a kind: each may have the id of a user.
        String kind = topic.substring(0, topic.indexOf(':') + 1);
        String name = kind.isEmpty() ? topic : kind;
        if (fastlane.elsewhere(topic).isEmpty()) {
            undeclared.accept(new Undeclared(
                    "broadcast", name, sent + ", so no client gets it; its sockets serve " + routes.patterns() + "."));
        } else {
            log.accept(new Undeclared(
                    "broadcast",
                    name,
                    sent
                            + ", but one of another node, so it is in no history; give the socket of that node to the endpoint of this"
                            + " process, which need not be started."));
        }
    }

    /** Removes the endpoint from the directory. */
    @Override
    public void close() {
        closed = true;
        registered.close();
        pushes.close();
    }
}
