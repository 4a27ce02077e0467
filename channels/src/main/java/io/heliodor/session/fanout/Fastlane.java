package io.heliodor.session.fanout;

import io.heliodor.channel.FirstMessages;
import io.heliodor.channel.History;
import io.heliodor.channel.KeptMessages;
import io.heliodor.event.Event;
import io.heliodor.history.CatchUpFormat;
import io.heliodor.history.VersionVector;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.replication.HistoryThreads;
import io.heliodor.session.replication.KeptLogs;
import io.heliodor.session.replication.Replicas;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The topics of one endpoint and their members, for broadcasts. Each topic with members subscribes to the pub/sub once, and
 * enqueues messages to the lanes of its members, encoded once for each serializer.
 */
public final class Fastlane implements KeptLogs<KeptBroadcast> {
    private static final Type<Broadcast> BROADCAST = Type.of(Broadcast.class);
    private static final Optional<MessageFormat<Broadcast>> FORMAT = Optional.of(new BroadcastFormat());

    private final PubSub pubsub;

    /** For kept messages alone, to nodes that keep copies. */
    private final PubSub copies;

    private final PayloadCodec codec;
    private final Counters counters;
    private final LongSupplier clock;
    private final Histories histories;
    private final TopicLimits topicLimits;
    private final CatchUpFormat<KeptBroadcast> format;
    private final Replicas<KeptBroadcast> replicas;

    private final DeclaredHistories declared;

    /** Reports broadcasts that the channels of a topic do not declare. */
    private final BiConsumer<String, Event<?>> check;

    private final TopicParts parts;

    /** Then it keeps no more copies: they would end with it. */
    private volatile boolean leaving;

    private volatile boolean closed;
    private final ConcurrentHashMap<String, FastlaneTopic> topics = new ConcurrentHashMap<>();

    public Fastlane(
            PubSub pubsub,
            PayloadCodec codec,
            Counters counters,
            LongSupplier clock,
            long historyBytes,
            TopicLimits topicLimits,
            MemoryBudget memory,
            DeclaredHistories declared,
            BiConsumer<String, Event<?>> check,
            int number,
            BroadcastTap tap) {
        this.pubsub = pubsub.scope("heliodor.channels");
        this.copies = pubsub.scope("heliodor.copies");
        this.codec = codec;
        this.counters = counters;
        this.clock = clock;
        this.topicLimits = topicLimits;
        this.histories = new Histories(historyBytes, topicLimits.idleTopics(), counters, clock);
        this.declared = declared;
        this.check = check;
        BroadcastFormat broadcasts = new BroadcastFormat();
        this.format = new CatchUpFormat<>(
                kept -> broadcasts.write(kept.broadcast()),
                bytes -> broadcasts.read(bytes).map(read -> new KeptBroadcast(read, SlowDeliveries.NONE, memory)));
        this.replicas = new Replicas<>(this, this.pubsub, copies, number);
        this.parts = new TopicParts(
                this, this.pubsub, copies, codec, counters, clock, topicLimits, memory, histories, replicas, tap);
        replicas.open();
    }

    /**
     * Encodes a payload and publishes it to some topics. First waits while a lane of the members on this endpoint is full:
     * thousands of publishers that wait hold no encoded payloads then. Not to be called on a loop, which would wait for the
     * members of other loops.
     */
    public <T> void broadcast(Collection<String> to, Event<T> event, T payload, @Nullable Member except) {
        for (String topic : to) {
            check.accept(topic, event);
            find(topic).ifPresent(FastlaneTopic::awaitCapacity);
        }
        Broadcast broadcast = new Broadcast(event.name(), codec.encode(event, payload), payload, except);
        for (String topic : to) {
            publish(topic, broadcast);
        }
    }

    private void publish(String name, Broadcast broadcast) {
        FastlaneTopic known = topics.get(name);
        boolean published = known != null && known.hasHistory() && known.publish(broadcast);
        Optional<History> elsewhere = published ? Optional.empty() : toBegin(name, broadcast, known);
        while (!published && elsewhere.isPresent()) {
            FastlaneTopic begun = findOrCreate(name);
            published = begun.beginHistory(elsewhere.get()) && begun.publish(broadcast);
        }
        if (!published && (known == null || !known.publish(broadcast))) {
            pubsub.broadcast(topic(name), broadcast.by(this));
        }
    }

    /** The history to begin for a broadcast that is kept elsewhere, by the definitions of the channels of this endpoint. */
    private Optional<History> toBegin(String name, Broadcast broadcast, @Nullable FastlaneTopic known) {
        if (closed || !(broadcast.payload() instanceof Payload.Json)) {
            return Optional.empty();
        }
        boolean copied = known != null && known.hasHistory();
        return declared.history(name, broadcast.event()).filter(_ -> copied || hasOtherLogs(name));
    }

    /** Reads a history, which begins here if other nodes or endpoints have it. */
    public KeptMessages read(String topic, Function<FastlaneTopic, Optional<KeptMessages>> reading) {
        Optional<KeptMessages> read = find(topic).flatMap(reading);
        Optional<History> elsewhere =
                read.isEmpty() && !closed ? declared.history(topic).filter(_ -> hasOtherLogs(topic)) : Optional.empty();
        while (read.isEmpty() && elsewhere.isPresent()) {
            FastlaneTopic begun = findOrCreate(topic);
            read = begun.beginHistory(elsewhere.get()) ? reading.apply(begun) : Optional.empty();
        }
        return read.orElse(new KeptMessages(List.of(), Optional.empty(), false));
    }

    private boolean hasOtherLogs(String topic) {
        boolean here = find(topic).filter(FastlaneTopic::isSubscribed).isPresent();
        return !replicas.others().others(topic(topic), here).isEmpty();
    }

    @Override
    public Optional<CompletableFuture<Void>> keepCopy(String topic) {
        if (leaving) {
            return Optional.empty();
        }
        Optional<History> kept = declared.history(topic);
        if (kept.isEmpty() || (!topics.containsKey(topic) && histories.isFull())) {
            counters.increment(Counter.HISTORY_COPIES_REFUSED);
            return Optional.empty();
        }
        Optional<CompletableFuture<Void>> copied = Optional.empty();
        while (copied.isEmpty()) {
            copied = findOrCreate(topic).keepCopy(kept.get());
        }
        return copied;
    }

    @Override
    public Optional<CompletableFuture<Boolean>> takeOver(String topic, VersionVector position) {
        // The loop of the node completes it, and does not wait for a lock.
        return keepCopy(topic)
                .map(kept -> kept.thenComposeAsync(
                        _ -> find(topic)
                                .map(copy -> copy.reach(position))
                                .orElse(CompletableFuture.completedFuture(false)),
                        HistoryThreads::start));
    }

    /** The parts that its topics share. */
    public TopicParts parts() {
        return parts;
    }

    /** The maximum size of the kept messages that wait for one client, beyond those of its first join. */
    public long replayBytes() {
        return topicLimits.replayBytes();
    }

    private FastlaneTopic findOrCreate(String topic) {
        return topics.computeIfAbsent(topic, name -> new FastlaneTopic(parts, topic(name), this::remove));
    }

    @Override
    public Optional<FastlaneTopic> find(String topic) {
        return Optional.ofNullable(topics.get(topic));
    }

    /** The other nodes that may have members of a topic. */
    public List<NodeId> elsewhere(String topic) {
        return ClusterPubSub.nodesOf(pubsub).interestedIn(topic(topic));
    }

    private static Topic<Broadcast> topic(String name) {
        return new Topic<>(name, BROADCAST, FORMAT);
    }

    /**
     * Begins a join, so that each later broadcast follows its reply. Waits until the other nodes have this node's subscription, a
     * second at most; an interrupt ends the wait. Then {@link #accept} or {@link #refuse} must follow.
     */
    public JoinBarrier begin(String topic, FastlaneTopic.Joining joining) {
        while (true) {
            FastlaneTopic entry = findOrCreate(topic);
            switch (entry.expect(joining)) {
                case FastlaneTopic.Expectation.Ended _ -> {}
                case FastlaneTopic.Expectation.Waits _ -> {
                    entry.await(joining);
                    return entry.beginJoin(joining);
                }
                case FastlaneTopic.Expectation.Begun(var barrier) -> {
                    return barrier;
                }
            }
        }
    }

    /**
     * Lets a channel become a member, whose join handler has accepted it.
     *
     * @param first the kept messages that it gets first, if it does not recover
     */
    public void accept(JoinBarrier barrier, Payload.Json reply, FirstMessages first) {
        barrier.members().topic().accept(barrier, reply, first);
    }

    /** Ends a join that was not accepted. */
    public void refuse(JoinBarrier barrier) {
        barrier.members().topic().refuse(barrier);
    }

    /** The token of all kept messages of the topic that this node has delivered; empty without a history. */
    public Optional<String> position(JoinBarrier barrier) {
        return barrier.members().topic().position();
    }

    private void remove(FastlaneTopic entry) {
        topics.remove(entry.topic().name(), entry);
    }

    public int topics() {
        return topics.size();
    }

    /** The topics, as a view that is read while they begin and end. */
    public Collection<FastlaneTopic> allTopics() {
        return Collections.unmodifiableCollection(topics.values());
    }

    public PubSub pubsub() {
        return pubsub;
    }

    @Override
    public CatchUpFormat<KeptBroadcast> format() {
        return format;
    }

    @Override
    public List<KeptTopic> all() {
        return histories.all();
    }

    @Override
    public void compare(String node) {
        replicas.compare(node);
    }

    @Override
    public int topicsOfRequest() {
        return topicLimits.topicsOfRequest();
    }

    public Histories histories() {
        return histories;
    }

    public Replicas<KeptBroadcast> replicas() {
        return replicas;
    }

    @Override
    public long now() {
        return clock.getAsLong();
    }

    /** Time passes: called every second or so. */
    public void sweep(long now) {
        histories.sweep(now);
        if (!pubsub.spansNodes()) {
            // Else the nodes do, more often.
            replicas.tick();
        }
    }

    /** Keeps no more copies for other nodes: this endpoint is about to stop. */
    public void leave() {
        leaving = true;
    }

    @Override
    public boolean isLeaving() {
        return leaving;
    }

    /** No sessions are left. */
    public void close() {
        closed = true;
        replicas.close();
        histories.close();
    }
}
