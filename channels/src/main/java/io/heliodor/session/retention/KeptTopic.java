package io.heliodor.session.retention;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.History;
import io.heliodor.channel.KeptMessages;
import io.heliodor.history.CausalStamp;
import io.heliodor.history.Delivery;
import io.heliodor.history.ResumeToken;
import io.heliodor.pubsub.Subscription;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.fanout.Members;
import io.heliodor.session.fanout.Retention;
import io.heliodor.session.fanout.SlowDeliveries;
import io.heliodor.session.fanout.TopicLanes;
import io.heliodor.session.replication.HistoryThreads;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The history of one topic: its beginning and end, and the messages of its publishers and of other nodes.
 *
 * <p>Its lock is that of the topic: so that what is kept is numbered, kept and handed to all lanes in one step.
 */
public final class KeptTopic implements Retention, Histories.Bounded {
    private final KeptParts parts;
    private final Histories<KeptTopic> histories;
    private final FastlaneTopic topic;
    private final Histories<KeptTopic>.Share share;
    private final TopicLanes lanes;
    private final KeptLanes keptLanes;
    private final TopicHistory history;
    private final TopicReplica replica;
    private final KeptJoins joins;

    /**
     * Orders publishers, so that broadcasts leave in stamp order. The topic's lock is not held while they wait for each other.
     */
    private final ReentrantLock publishing = new ReentrantLock();

    /** Of kept messages alone, for the members of other nodes. Written under the lock. */
    private volatile @Nullable Subscription copySubscription;

    @GuardedBy("topic")
    private long idleSince;

    KeptTopic(KeptParts parts, Histories<KeptTopic> histories, FastlaneTopic topic, History kept, Object party) {
        this.parts = parts;
        this.histories = histories;
        this.topic = topic;
        this.share = histories.share(this, party);
        this.lanes = topic.lanes();
        this.keptLanes = new KeptLanes(topic, parts.topics().topicLimits().aheadSets());
        this.history = new TopicHistory(
                kept,
                histories,
                share,
                parts.topics().memory(),
                parts.replicas(),
                topic.name(),
                keptLanes,
                this::requestCatchUp,
                parts.now());
        this.replica = new TopicReplica(parts, topic, history, this::trim);
        this.joins = new KeptJoins(parts, topic, keptLanes, history, replica);
    }

    @Override
    public String name() {
        return topic.name();
    }

    Histories<KeptTopic>.Share share() {
        return share;
    }

    FastlaneTopic topic() {
        return topic;
    }

    TopicReplica replica() {
        return replica;
    }

    /** Complete when members may join. */
    CompletableFuture<Void> ready() {
        return history.ready();
    }

    // Its beginning and its end.

    /** Begins once the subscription is ready: then all new messages arrive here, and other logs have the rest. */
    @Override
    @GuardedBy("topic")
    public void begin() {
        CompletableFuture<Void> ready = topic.isSubscribed() ? topic.ready() : subscribeToCopies();
        if (ready.isDone()) {
            replica.begin();
        } else {
            // The loop of the node completes it, and does not wait for a lock.
            var _ = ready.thenRunAsync(replica::begin, HistoryThreads::start);
        }
    }

    private CompletableFuture<Void> subscribeToCopies() {
        try {
            Subscription copies = parts.copies().subscribeInline(topic.topic(), topic);
            copySubscription = copies;
            return topic.interestExchanged(copies);
        } catch (Throwable e) {
            topic.endIfEmpty();
            throw e;
        }
    }

    @Override
    public void subscribed(CompletableFuture<Void> ready) {
        Subscription copies = copySubscription;
        if (copies != null) {
            // Until then kept messages may arrive twice, or only as copies.
            var _ = ready.thenRun(copies::close);
        }
    }

    /** Keeps messages without members from now on, for the age of the history. */
    void keep() {
        synchronized (topic) {
            history.use();
            if (topic.isEmpty()) {
                boolean _ = idle();
            }
        }
    }

    @Override
    @GuardedBy("topic")
    public boolean idle() {
        if (history.isUsed()) {
            idleSince = parts.now();
            share.idle();
        }
        return history.isUsed();
    }

    @Override
    public void busy() {
        share.busy();
    }

    @Override
    public void end() {
        Subscription copies = copySubscription;
        if (copies != null) {
            copies.close();
        }
        history.end();
        share.end();
    }

    @Override
    public void forget() {
        topic.endIfEmpty();
    }

    @Override
    public void sweep(long now) {
        synchronized (topic) {
            if (history.hasEnded()) {
                return;
            }
            Set<String> others = replica.others();
            history.expire(others::contains, now);
            replica.copy(others, now);
            if (now - idleSince >= history.age()) {
                topic.endIfEmpty();
            }
        }
    }

    @Override
    public void trim() {
        histories.trim();
    }

    @Override
    public boolean shrinkHistory() {
        synchronized (topic) {
            return history.shrink(parts.now());
        }
    }

    // Joins.

    @Override
    public KeptJoins joins() {
        return joins;
    }

    @Override
    public String token() {
        synchronized (topic) {
            return history.token();
        }
    }

    // Messages.

    @Override
    public boolean publish(Broadcast broadcast, Subscription own) {
        history.ready().join();
        return history.keeps(broadcast) ? publishKept(broadcast, own) : publishUnkept(broadcast, own);
    }

    private boolean publishKept(Broadcast broadcast, Subscription own) {
        boolean alone = parts.others().alone(topic.topic());
        if (!alone) {
            publishing.lock();
        }
        try {
            CausalStamp stamp = publishHere(broadcast);
            if (stamp == null) {
                return false;
            }
            // After the broadcast has its number: a log that began meanwhile may have requested it before.
            if (!alone || !parts.others().alone(topic.topic())) {
                Broadcast stamped = broadcast.with(stamp);
                parts.topics().pubsub().broadcastFrom(own, topic.topic(), stamped);
                broadcastToCopies(stamped);
            }
        } finally {
            if (!alone) {
                publishing.unlock();
            }
        }
        lanes.broadcast(broadcast, KeptLanes.plain(lanes.all()));
        trim();
        return true;
    }

    /** Numbers a broadcast, keeps it and hands it to the lanes. Null if the history has ended. */
    private @Nullable CausalStamp publishHere(Broadcast broadcast) {
        synchronized (topic) {
            if (history.hasEnded()) {
                return null;
            }
            long now = parts.now();
            boolean first = history.isEmpty();
            Delivery<KeptBroadcast> delivery = history.publish(broadcast, now);
            keptLanes.deliver(delivery, broadcast);
            if (first) {
                // Later requests come from the sweep.
                replica.copy(replica.others(), now);
            }
            return delivery.stamp();
        }
    }

    /** A broadcast that is not kept. */
    private boolean publishUnkept(Broadcast broadcast, Subscription own) {
        SlowDeliveries slow = lanes.slow(broadcast, lanes.all());
        if (parts.others().alone(topic.topic())) {
            deliverUnkept(broadcast, slow);
            return true;
        }
        publishing.lock();
        try {
            CausalStamp stamp;
            synchronized (topic) {
                deliverUnkept(broadcast, slow);
                // In the same step, so that other nodes deliver it at the same place.
                stamp = history.stampUnkept();
            }
            parts.topics().pubsub().broadcastFrom(own, topic.topic(), broadcast.with(stamp));
        } finally {
            publishing.unlock();
        }
        return true;
    }

    /** Hands a broadcast to all lanes in one step, as kept ones are, so that all members get both in one order. */
    private void deliverUnkept(Broadcast broadcast, SlowDeliveries slow) {
        synchronized (topic) {
            lanes.broadcast(broadcast, lanes.all(), slow);
        }
    }

    private void broadcastToCopies(Broadcast stamped) {
        Subscription own = copySubscription;
        if (own == null) {
            parts.copies().broadcast(topic.topic(), stamped);
        } else {
            parts.copies().broadcastFrom(own, topic.topic(), stamped);
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // an endpoint stands for itself
    public void receive(Broadcast broadcast, Members[] all) {
        if (broadcast.stamp() == null) {
            // A publisher of this endpoint looked for the topic before the members that keep a history joined it.
            boolean isEarlier = broadcast.publisher() == parts.topics().endpoint();
            lanes.broadcast(broadcast, isEarlier ? KeptLanes.plain(all) : all);
            return;
        }
        // The others get it when it is its turn.
        lanes.broadcast(broadcast, KeptLanes.plain(all));
        SlowDeliveries slow = lanes.slow(broadcast, all);
        synchronized (topic) {
            if (!history.hasEnded()) {
                history.received(broadcast, slow, parts.now());
                replica.watch();
            }
        }
        trim();
    }

    private void requestCatchUp(String node, long round) {
        parts.replicas().catchUp(replica, node, round);
    }

    // The server.

    /** The newest kept messages; empty if the history has ended. */
    public Optional<KeptMessages> newest(int limit) {
        history.ready().join();
        return newestNow(limit);
    }

    /** The newest messages that are kept here already; empty if the history has ended. */
    public Optional<KeptMessages> newestNow(int limit) {
        return replica.read(log -> log.newest(limit, parts.topics().codec(), parts.now()));
    }

    /** The kept messages after a token, when this node has all that others have; empty if the history has ended. */
    public Optional<KeptMessages> since(Optional<ResumeToken> token, int limit) {
        history.ready().join();
        parts.others().interestKnown().join();
        replica.caughtUp(token).join();
        return replica.read(log -> log.since(token, limit, parts.topics().codec(), parts.now()));
    }
}
