package io.heliodor.session.fanout;

import io.heliodor.channel.FirstMessages;
import io.heliodor.channel.History;
import io.heliodor.event.Event;
import io.heliodor.log.FailureLog;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics of one endpoint and their members, for broadcasts. Each topic with members subscribes to the pub/sub once, and
 * enqueues messages to the lanes of its members, encoded once for each serializer.
 */
public final class Fastlane implements FastlaneTopic.Owner {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");
    private static final Type<Broadcast> BROADCAST = Type.of(Broadcast.class);
    private static final Optional<MessageFormat<Broadcast>> FORMAT = Optional.of(new BroadcastFormat());

    private final TopicParts parts;
    private final Retentions retentions;

    /** Reports broadcasts that the channels of a topic do not declare. */
    private final BiConsumer<String, Event<?>> check;

    private final ConcurrentHashMap<String, FastlaneTopic> topics = new ConcurrentHashMap<>();

    public Fastlane(
            PubSub pubsub,
            PayloadCodec codec,
            Counters counters,
            TopicLimits topicLimits,
            MemoryBudget memory,
            Retentions retentions,
            BiConsumer<String, Event<?>> check,
            BroadcastTap tap,
            LongSupplier clock) {
        this.parts = new TopicParts(
                this,
                pubsub.scope("heliodor.channels"),
                codec,
                counters,
                topicLimits,
                memory,
                tap,
                new FailureLog(LOG, clock));
        this.retentions = retentions;
        this.check = check;
    }

    /**
     * Encodes a payload and publishes it to some topics. First waits while a lane of the members on this endpoint is full:
     * thousands of publishers that wait hold no encoded payloads then. Not to be called on a loop, which would wait for the
     * members of other loops.
     */
    public <T> void broadcast(Collection<String> to, Event<T> event, T payload, @Nullable TopicMember except) {
        for (String topic : to) {
            check.accept(topic, event);
            find(topic).ifPresent(FastlaneTopic::awaitCapacity);
        }
        Broadcast broadcast = new Broadcast(event.name(), parts.codec().encode(event, payload), payload, except);
        for (String topic : to) {
            publish(topic, broadcast);
        }
    }

    private void publish(String name, Broadcast broadcast) {
        FastlaneTopic known = topics.get(name);
        boolean published = known != null && known.isRetained() && known.publish(broadcast);
        if (!published
                && !retentions.publish(name, broadcast, known != null && known.isRetained())
                && (known == null || !known.publish(broadcast))) {
            parts.pubsub().broadcast(topic(name), broadcast.by(this));
        }
    }

    /** The parts that its topics share. */
    public TopicParts parts() {
        return parts;
    }

    /** The maximum size of the kept messages that wait for one client, beyond those of its first join. */
    public long replayBytes() {
        return parts.topicLimits().replayBytes();
    }

    /** The topic of a name, which begins without members unless it is there. */
    public FastlaneTopic findOrCreate(String topic) {
        return topics.computeIfAbsent(topic, name -> new FastlaneTopic(parts, topic(name), this));
    }

    public Optional<FastlaneTopic> find(String topic) {
        return Optional.ofNullable(topics.get(topic));
    }

    /** The other nodes that may have members of a topic. */
    public List<NodeId> elsewhere(String topic) {
        return ClusterPubSub.nodesOf(parts.pubsub()).interestedIn(topic(topic));
    }

    /** The topic of a name in the pub/sub. */
    public static Topic<Broadcast> topic(String name) {
        return new Topic<>(name, BROADCAST, FORMAT);
    }

    /**
     * Begins a join, so that each later broadcast follows its reply. Waits until the other nodes have this node's subscription, a
     * second at most; an interrupt ends the wait. Then {@link #accept} or {@link #refuse} must follow.
     */
    public JoinBarrier begin(String topic, JoinBarrier.Joining joining) {
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

    @Override
    public Retention retention(FastlaneTopic topic, History kept, @Nullable TopicMember first) {
        return retentions.of(topic, kept, first);
    }

    @Override
    public void ended(FastlaneTopic topic) {
        topics.remove(topic.name(), topic);
    }

    public int topics() {
        return topics.size();
    }

    /** The topics, as a view that is read while they begin and end. */
    public Collection<FastlaneTopic> allTopics() {
        return Collections.unmodifiableCollection(topics.values());
    }

    public PubSub pubsub() {
        return parts.pubsub();
    }
}
