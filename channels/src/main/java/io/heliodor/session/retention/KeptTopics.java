package io.heliodor.session.retention;

import io.heliodor.channel.History;
import io.heliodor.channel.KeptMessages;
import io.heliodor.event.Event;
import io.heliodor.history.CatchUpFormat;
import io.heliodor.history.VersionVector;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.BroadcastFormat;
import io.heliodor.session.fanout.BroadcastTap;
import io.heliodor.session.fanout.Fastlane;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.fanout.Retentions;
import io.heliodor.session.fanout.SlowDeliveries;
import io.heliodor.session.fanout.TopicMember;
import io.heliodor.session.replication.HistoryThreads;
import io.heliodor.session.replication.KeptLogs;
import io.heliodor.session.replication.Replicas;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The histories of the topics of one endpoint, and their exchange with other nodes. */
public final class KeptTopics implements Retentions, KeptLogs<KeptBroadcast> {
    private final Fastlane fastlane;
    private final Counters counters;
    private final TopicLimits topicLimits;
    private final DeclaredHistories declared;
    private final Histories<KeptTopic> histories;
    private final CatchUpFormat<KeptBroadcast> format;
    private final Replicas<KeptBroadcast> replicas;
    private final KeptParts parts;

    /** Then it keeps no more copies: they would end with it. */
    private volatile boolean leaving;

    private volatile boolean closed;

    /** The topics of an endpoint, with their histories. */
    public KeptTopics(
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
        this.counters = counters;
        this.topicLimits = topicLimits;
        this.declared = declared;
        this.histories = new Histories<>(historyBytes, topicLimits.idleTopics(), counters, clock);
        BroadcastFormat broadcasts = new BroadcastFormat();
        this.format = new CatchUpFormat<>(
                kept -> broadcasts.write(kept.broadcast()),
                bytes -> broadcasts.read(bytes).map(read -> new KeptBroadcast(read, SlowDeliveries.NONE, memory)));
        this.fastlane = new Fastlane(pubsub, codec, counters, topicLimits, memory, this, check, tap, clock);
        PubSub copies = pubsub.scope("heliodor.copies");
        this.replicas = new Replicas<>(this, fastlane.pubsub(), copies, number);
        this.parts = new KeptParts(fastlane.parts(), copies, replicas, clock);
        replicas.open();
    }

    /** The topics, with and without histories. */
    public Fastlane fastlane() {
        return fastlane;
    }

    @Override
    public KeptTopic of(FastlaneTopic topic, History kept, @Nullable TopicMember first) {
        Object party = first == null ? Histories.OTHER_NODES : first.socket().id();
        KeptTopic next = new KeptTopic(parts, histories, topic, kept, party);
        next.share().begin();
        return next;
    }

    @Override
    public boolean publish(String topic, Broadcast broadcast, boolean retained) {
        if (closed || !(broadcast.payload() instanceof Payload.Json)) {
            return false;
        }
        Optional<History> elsewhere =
                declared.history(topic, broadcast.event()).filter(_ -> retained || hasOtherLogs(topic));
        if (elsewhere.isEmpty()) {
            return false;
        }
        boolean published = false;
        while (!published) {
            published = begin(topic, elsewhere.get(), true).topic().publish(broadcast);
        }
        return true;
    }

    /** Reads a history, which begins here if other nodes or endpoints have it. */
    public KeptMessages read(String topic, Function<KeptTopic, Optional<KeptMessages>> reading) {
        Optional<KeptMessages> read = histories.find(topic).flatMap(reading);
        Optional<History> elsewhere =
                read.isEmpty() && !closed ? declared.history(topic).filter(_ -> hasOtherLogs(topic)) : Optional.empty();
        while (read.isEmpty() && elsewhere.isPresent()) {
            read = reading.apply(begin(topic, elsewhere.get(), true));
        }
        return read.orElse(new KeptMessages(List.of(), Optional.empty(), false));
    }

    /** The newest messages that are kept here already. */
    public Optional<KeptMessages> newestNow(String topic, int limit) {
        return histories.find(topic).flatMap(kept -> kept.newestNow(limit));
    }

    private boolean hasOtherLogs(String topic) {
        boolean here = fastlane.find(topic).filter(FastlaneTopic::isSubscribed).isPresent();
        return !replicas.others().others(Fastlane.topic(topic), here).isEmpty();
    }

    /** The history of a topic, which begins without members unless it is there. */
    KeptTopic begin(String name, History kept, boolean subscribes) {
        while (true) {
            FastlaneTopic topic = fastlane.findOrCreate(name);
            synchronized (topic) {
                if (topic.begin(Optional.of(kept), subscribes, null)) {
                    KeptTopic begun = histories.find(name).orElseThrow();
                    begun.keep();
                    return begun;
                }
            }
        }
    }

    @Override
    public Optional<CompletableFuture<Void>> keepCopy(String topic) {
        if (leaving) {
            return Optional.empty();
        }
        Optional<History> kept = declared.history(topic);
        if (kept.isEmpty() || (fastlane.find(topic).isEmpty() && histories.isFull())) {
            counters.increment(Counter.HISTORY_COPIES_REFUSED);
            return Optional.empty();
        }
        return kept.map(history -> {
            KeptTopic copy = begin(topic, history, false);
            copy.trim();
            return copy.ready();
        });
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

    @Override
    public Optional<TopicReplica> find(String topic) {
        return histories.find(topic).map(KeptTopic::replica);
    }

    @Override
    public List<TopicReplica> all() {
        return histories.all().map(KeptTopic::replica).toList();
    }

    @Override
    public void compare(String node) {
        replicas.compare(node);
    }

    @Override
    public CatchUpFormat<KeptBroadcast> format() {
        return format;
    }

    @Override
    public int topicsOfRequest() {
        return topicLimits.topicsOfRequest();
    }

    @Override
    public long now() {
        return parts.now();
    }

    /** The memory of the histories. */
    public Histories<KeptTopic> histories() {
        return histories;
    }

    /** The logs of other nodes. */
    public Replicas<KeptBroadcast> replicas() {
        return replicas;
    }

    /** Time passes: called every second or so. */
    public void sweep(long now) {
        histories.sweep(now);
        if (!fastlane.pubsub().spansNodes()) {
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
