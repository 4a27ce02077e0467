package io.heliodor.session.fanout;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.FirstMessages;
import io.heliodor.channel.History;
import io.heliodor.channel.Socket;
import io.heliodor.history.Dot;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.PromptSubscriber;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Payload;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One topic that has members on this endpoint, or a {@link Retention} that outlives them: its members and its subscription.
 *
 * <p>Its lock is held for moments, and never while user code runs: so that members come and go in one step with what is
 * broadcast. A retention uses the same lock.
 */
public final class FastlaneTopic implements Members.Owner, PromptSubscriber<Broadcast> {
    /** The loop of a closed endpoint runs no tasks. */
    private static final Duration LOOP_TIMEOUT = Duration.ofSeconds(10);

    /** The endpoint that has the topic. Called under the topic's lock. */
    public interface Owner {
        /** A retention for a topic: see {@link Retentions#of}. */
        Retention retention(FastlaneTopic topic, History kept, @Nullable TopicMember first);

        /** A topic has ended. */
        void ended(FastlaneTopic topic);
    }

    private final TopicParts parts;
    private final Owner owner;
    private final Topic<Broadcast> topic;
    private final TopicLanes lanes;

    /** Null while this node keeps a copy alone. Written under the lock. */
    private volatile @Nullable Subscription subscription;

    /** Completes when all nodes have the subscription. */
    private volatile CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);

    /** Begins with the first member whose channel keeps messages. Written under the lock. */
    private volatile @Nullable Retention retention;

    @GuardedBy("this")
    private boolean ended;

    /** The number of channels about to join. The topic stays while they wait for other nodes. */
    @GuardedBy("this")
    private int expected;

    /** A topic, which begins without members. */
    public FastlaneTopic(TopicParts parts, Topic<Broadcast> topic, Owner owner) {
        this.parts = parts;
        this.topic = topic;
        this.owner = owner;
        this.lanes = new TopicLanes(parts, topic);
    }

    @Override
    public String name() {
        return topic.name();
    }

    /** Notes its broadcasts for traces. */
    @Override
    public BroadcastTap tap() {
        return parts.tap();
    }

    /** Its name and type in the pub/sub. */
    public Topic<Broadcast> topic() {
        return topic;
    }

    /** The lanes of its members. */
    public TopicLanes lanes() {
        return lanes;
    }

    /** Whether it has a retention. */
    boolean isRetained() {
        return retention != null;
    }

    /** Whether its messages come here for members or a retention, and not as copies alone. */
    public boolean isSubscribed() {
        return subscription != null;
    }

    /** Completes when all nodes have the subscription. */
    public CompletableFuture<Void> ready() {
        return ready;
    }

    // Joining and leaving.

    /** The result of an attempt to join. */
    public sealed interface Expectation {
        /** The last member left in the meantime, and the topic has ended. */
        record Ended() implements Expectation {}

        /** Other nodes do not have the subscription yet, or have more messages: the channel waits for them first. */
        record Waits() implements Expectation {}

        /** Its join handler may run. */
        record Begun(JoinBarrier barrier) implements Expectation {}
    }

    /** Subscribes for a channel, and begins its join unless it must wait for other nodes. */
    public synchronized Expectation expect(JoinBarrier.Joining joining) {
        if (!begin(joining.kept(), true, joining.member())) {
            return new Expectation.Ended();
        }
        expected++;
        return isUpToDate(joining) ? new Expectation.Begun(beginJoin(joining)) : new Expectation.Waits();
    }

    /**
     * Subscribes, and begins a retention, unless it has both already.
     *
     * @param kept the messages to keep
     * @param subscribes false to keep a copy alone
     * @param first the channel that joins, if one does
     * @return false if the topic has ended
     */
    public synchronized boolean begin(Optional<History> kept, boolean subscribes, @Nullable TopicMember first) {
        if (ended) {
            return false;
        }
        Retention next = null;
        if (retention == null && kept.isPresent()) {
            next = owner.retention(this, kept.get(), first);
            retention = next;
        }
        // After the retention: else a broadcast could come in between, and reach the member without a token.
        if (subscription == null && subscribes) {
            subscribe();
        }
        if (next != null) {
            next.begin();
        }
        return true;
    }

    /** The pub/sub may be closed; then it has no members, and nothing of this topic may stay. */
    @GuardedBy("this")
    private void subscribe() {
        try {
            subscription = parts.pubsub().subscribeInline(topic, this);
            ready = interestExchanged(subscription);
        } catch (Throwable e) {
            end();
            throw e;
        }
        Retention kept = retention;
        if (kept != null) {
            kept.subscribed(ready);
        }
    }

    /** Completes when the other nodes have a subscription, and this node has theirs. */
    public CompletableFuture<Void> interestExchanged(Subscription subscribed) {
        return CompletableFuture.allOf(
                subscribed.ready(), ClusterPubSub.nodesOf(parts.pubsub()).interestKnown());
    }

    private boolean isUpToDate(JoinBarrier.Joining joining) {
        Retention kept = retention;
        return ready.isDone()
                && (kept == null || joining.kept().isEmpty() || kept.joins().isUpToDate(joining.since()));
    }

    /** Waits until a channel that is {@linkplain #expect expected} may begin its join. An interrupt ends the wait. */
    void await(JoinBarrier.Joining joining) {
        try {
            ready.get();
            Retention kept = retention;
            if (kept != null && joining.kept().isPresent()) {
                kept.joins().await(joining.since());
            }
        } catch (ExecutionException e) {
            throw new AssertionError("the readiness of a topic does not fail", e);
        } catch (InterruptedException e) {
            // The channel ends: it need not join.
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Begins the join of a channel that was {@linkplain #expect expected}. The lane is known to publishers before the
     * {@link JoinBarrier.BegunEntry} is enqueued, so a broadcast that begins after this call reaches the member; one that was
     * enqueued before does not.
     */
    synchronized JoinBarrier beginJoin(JoinBarrier.Joining joining) {
        expected--;
        Retention kept = retention;
        if (kept != null && lanes.isEmpty()) {
            kept.busy();
        }
        JoinBarrier barrier = kept == null || joining.kept().isEmpty()
                ? new JoinBarrier(joining.member(), lanes.members(this, joining.kind()), null)
                : kept.joins().begin(joining);
        Members members = barrier.members();
        members.expect(members.expectedMembers() + 1);
        members.lane().add(new JoinBarrier.BegunEntry(barrier));
        return barrier;
    }

    /** Lets a channel become a member, whose join handler has accepted it. Waits for other nodes if its state is of another one. */
    @Override
    public void accept(JoinBarrier barrier, Payload.Json reply, FirstMessages first) {
        Retention kept = retention;
        if (kept == null || barrier.recovery() == null) {
            accept(barrier, reply, barrier.recovery(), _ -> false);
        } else {
            kept.joins().accept(barrier, reply, first);
        }
    }

    /**
     * Lets a channel become a member, in one step with what is broadcast and kept: a message that comes later follows in the lane.
     *
     * @param recovery the kept messages that it gets first; null without a retention
     * @param known the kept messages since the beginning of the join that its state has
     */
    public synchronized void accept(
            JoinBarrier barrier, Payload.Json reply, @Nullable Recovery recovery, Predicate<Dot> known) {
        Members members = barrier.members();
        members.accept(members.acceptedMembers() + 1);
        members.lane().add(new TopicMember.JoinedEntry(barrier, reply, recovery, known));
    }

    /** Ends a join that was not accepted. */
    @Override
    public void refuse(JoinBarrier barrier) {
        Recovery begun = barrier.recovery();
        if (begun != null) {
            begun.dispose();
        }
        leave(barrier.members(), false);
    }

    @Override
    public Optional<String> position() {
        return Optional.ofNullable(retention).map(Retention::token);
    }

    /** The broadcasts that wait for the join handlers of some members. */
    @Override
    public JoinBacklog newBacklog() {
        return new JoinBacklog(parts.memory(), parts.topicLimits().joinBytes());
    }

    /** More was broadcast than may wait for a join handler. */
    @Override
    public void overrun() {
        parts.counters().increment(Counter.JOINS_OVERRUN);
    }

    /** Ends a membership. */
    @Override
    public void leave(Members members) {
        leave(members, true);
    }

    private void leave(Members members, boolean accepted) {
        Retention kept;
        synchronized (this) {
            members.expect(members.expectedMembers() - 1);
            members.accept(members.acceptedMembers() - (accepted ? 1 : 0));
            if (members.expectedMembers() > 0) {
                return;
            }
            lanes.remove(members);
            if (!isEmpty()) {
                return;
            }
            kept = retention;
            if (kept == null || !kept.idle()) {
                end();
                return;
            }
        }
        kept.trim();
    }

    /** Whether it has no members, and no channel is about to join. */
    @GuardedBy("this")
    public boolean isEmpty() {
        return lanes.isEmpty() && expected == 0;
    }

    /** Ends the topic if it has no members. */
    public synchronized void endIfEmpty() {
        if (!ended && isEmpty()) {
            end();
        }
    }

    @GuardedBy("this")
    private void end() {
        ended = true;
        owner.ended(this);
        if (subscription != null) {
            subscription.close();
        }
        Retention kept = retention;
        if (kept != null) {
            retention = null;
            kept.end();
        }
    }

    /** The number of channels whose joins were accepted. */
    public synchronized int memberCount() {
        return Arrays.stream(lanes.all()).mapToInt(Members::acceptedMembers).sum();
    }

    /** The connections of the members. Waits for their lanes. */
    public List<Socket<?>> sockets() {
        return sockets(Integer.MAX_VALUE, LOOP_TIMEOUT);
    }

    /** The connections of some members, at most so many. Those of a lane that does not answer within the timeout are missing. */
    public List<Socket<?>> sockets(int limit, Duration timeout) {
        List<CompletableFuture<List<Socket<?>>>> found = Arrays.stream(lanes.all())
                .map(members -> members.sockets(limit, timeout))
                .toList();
        return found.stream().flatMap(each -> each.join().stream()).limit(limit).toList();
    }

    // Broadcasts.

    /**
     * Broadcasts to the members of all nodes. It waits while a lane is full, and until a retention has begun.
     *
     * @return false if the topic has ended, or has no subscription yet: then nothing was done
     */
    public boolean publish(Broadcast broadcast) {
        awaitCapacity();
        // In this order: if there is no retention yet, none of these members has a channel that keeps messages.
        Members[] all = lanes.all();
        Retention kept = retention;
        Subscription own = subscription;
        if (own == null) {
            return false;
        }
        if (kept != null) {
            return kept.publish(broadcast, own);
        }
        lanes.broadcast(broadcast, all);
        parts.pubsub().broadcastFrom(own, topic, broadcast);
        return true;
    }

    /**
     * Receives a broadcast of another endpoint or node, on the publisher's thread; it waits while a lane is full, unless it is
     * an event loop.
     */
    @Override
    public void receive(Broadcast broadcast) {
        awaitCapacity();
        // In this order, as in publish.
        Members[] all = lanes.all();
        Retention kept = retention;
        if (kept == null) {
            lanes.broadcast(broadcast, all);
        } else {
            kept.receive(broadcast, all);
        }
    }

    @Override
    public boolean isPrompt() {
        return retention == null && TopicLanes.arePrompt(lanes.all());
    }

    /** Not with a retention, which is changed under the lock, nor with slow policies, which are code of users. */
    @Override
    public boolean receiveNow(Broadcast broadcast) {
        // In this order, as in publish.
        Members[] all = lanes.all();
        if (retention != null || !TopicLanes.arePrompt(all)) {
            return false;
        }
        lanes.broadcast(broadcast, all);
        return true;
    }

    /** Waits while a lane of its members is full. */
    public void awaitCapacity() {
        lanes.awaitCapacity();
    }
}
