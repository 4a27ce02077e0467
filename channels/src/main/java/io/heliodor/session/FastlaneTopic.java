package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.history.Answer;
import io.heliodor.history.Delivery;
import io.heliodor.history.Dot;
import io.heliodor.history.Position;
import io.heliodor.history.Question;
import io.heliodor.history.Stamp;
import io.heliodor.history.Token;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One topic that has members on this endpoint, or a history that outlives them.
 *
 * <p>Its lock is held for moments, and never while user code runs: so that members come and go in one step with what is
 * broadcast, and so that what is kept is numbered, kept and handed to all lanes in one step.
 */
final class FastlaneTopic implements TopicHistory.Effects {
    private static final Members[] EMPTY = {};

    /** The version in which histories keep messages. */
    private static final Serializer KEPT = new V2Serializer();

    /** Sets of members that have messages which this node has not. */
    private static final int MAX_AHEAD = 16;

    private final Fastlane fastlane;
    private final Topic<Broadcast> topic;
    /** Written under the lock. */
    private volatile @Nullable Subscription subscription;

    /** Complete when all nodes know of the subscription. */
    private volatile CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);

    private boolean gone;
    private long idleSince;

    /** How many are about to join: the topic stays while they wait until other nodes know of it. Guarded by the lock. */
    private int expected;

    /** Begins with the first member whose channel keeps one. Written under the lock. */
    private volatile @Nullable TopicHistory history;

    /** Replaced under the lock, read without: one element for each kind of members that there are. */
    private volatile Members[] lanes = EMPTY;

    /**
     * Of publishers: so that broadcasts go to other nodes in the order of their stamps. The topic's lock is not held while they wait
     * for those.
     */
    private final ReentrantLock publishing = new ReentrantLock();

    FastlaneTopic(Fastlane fastlane, Topic<Broadcast> topic) {
        this.fastlane = fastlane;
        this.topic = topic;
    }

    /**
     * A channel that joins.
     *
     * @param member the channel
     * @param kind what it shares with some of the topic's members
     * @param kept what its channel keeps of a topic
     * @param since up to where it has what was kept
     */
    record Joining(ChannelProcess<?, ?> member, Members.Kind kind, Optional<History> kept, Optional<Token> since) {}

    Topic<Broadcast> topic() {
        return topic;
    }

    boolean hasHistory() {
        return history != null;
    }

    // Joining and leaving.

    /** The result of an attempt to join. */
    enum Expectation {
        /** The last member left in the meantime, and the topic is gone. */
        GONE,
        /** Others do not know of the topic yet, or know more of it: the channel waits for them, and joins then. */
        WAITS,
        JOINED
    }

    /** Subscribes for a channel that wants to join, and lets it join unless other nodes are to be waited for. */
    synchronized Expectation expect(Joining joining) {
        if (gone) {
            return Expectation.GONE;
        }
        begin(joining.kept());
        expected++;
        if (!mayJoin(joining)) {
            return Expectation.WAITS;
        }
        join(joining);
        return Expectation.JOINED;
    }

    /** Subscribes, and begins a history. */
    private void begin(Optional<History> kept) {
        TopicHistory next = null;
        if (history == null && kept.isPresent()) {
            next = new TopicHistory(kept.get(), fastlane, this);
            history = next;
            fastlane.histories().begin(this);
        }
        // After the history: else a broadcast could come in between, and reach the member without a token.
        if (subscription == null) {
            subscribe();
        }
        if (next != null) {
            TopicHistory begun = next;
            // Not before: from then on all messages of others come here, and the rest is in their logs.
            var _ = ready.thenRun(() -> begin(begun));
        }
    }

    private synchronized void begin(TopicHistory next) {
        if (history == next) {
            next.begin(others(), fastlane.now());
            watch(next);
        }
    }

    private Set<String> others() {
        return fastlane.replicas().others(topic);
    }

    /** It gets the time while it waits for something. */
    private void watch(TopicHistory kept) {
        if (!kept.rests()) {
            fastlane.replicas().restless(this);
        }
    }

    private boolean mayJoin(Joining joining) {
        TopicHistory kept = history;
        return ready.isDone()
                && (kept == null
                        || joining.kept().isEmpty()
                        || (kept.ready().isDone() && !kept.isAhead(joining.since(), others())));
    }

    /** Complete when this node has all that other nodes have, if a channel that is about to join has more than this one. */
    private synchronized CompletableFuture<Void> caughtUp(TopicHistory kept, Joining joining) {
        Set<String> others = others();
        if (!kept.isAhead(joining.since(), others)) {
            return kept.ready();
        }
        CompletableFuture<Void> caughtUp = kept.catchUp(others, fastlane.now());
        watch(kept);
        return caughtUp;
    }

    /** Waits until a channel that is {@linkplain #expect expected} may join. An interrupt ends the wait. */
    void await(Joining joining) {
        try {
            ready.get();
            TopicHistory kept = history;
            if (kept != null && joining.kept().isPresent()) {
                kept.ready().get();
                caughtUp(kept, joining).get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError("the readiness of a topic does not fail", e);
        } catch (InterruptedException e) {
            // The channel ends: its seat is not needed any more.
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Adds a member that was {@linkplain #expect expected}. The lane is known to publishers before {@link Entry.Joined} is
     * enqueued, so a broadcast that begins after this call follows the reply; one that was enqueued before does not reach the
     * member.
     */
    synchronized void join(Joining joining) {
        expected--;
        if (history != null && lanes.length == 0) {
            fastlane.histories().busy(this);
        }
        Recovery recovery = recover(joining);
        Position ahead = recovery == null ? Position.NONE : recovery.ahead();
        Members members = find(joining.kind(), ahead);
        if (members == null) {
            members = new Members(this, joining.kind(), ahead);
            Members[] more = Arrays.copyOf(lanes, lanes.length + 1);
            more[lanes.length] = members;
            lanes = more;
        }
        members.expectedMembers++;
        members.lane().add(new Entry.Joined(joining.member(), members, recovery));
    }

    private @Nullable Recovery recover(Joining joining) {
        TopicHistory kept = history;
        if (kept == null || joining.kept().isEmpty()) {
            return null;
        }
        // What its own definition keeps and the history does not, it may have missed.
        boolean known = kept.keepsAllOf(joining.kept().get());
        Recovery recovery = kept.recover(known ? joining.since() : Optional.empty(), fastlane.now());
        if (recovery.ahead().size() == 0 || find(joining.kind(), recovery.ahead()) != null || takesAhead()) {
            return recovery;
        }
        recovery.dispose();
        return kept.recover(Optional.empty(), fastlane.now());
    }

    private boolean takesAhead() {
        return Arrays.stream(lanes)
                        .filter(members -> members.ahead().size() > 0)
                        .count()
                < MAX_AHEAD;
    }

    private @Nullable Members find(Members.Kind kind, Position ahead) {
        for (Members members : lanes) {
            if (members.kind().equals(kind) && members.ahead().equals(ahead)) {
                return members;
            }
        }
        return null;
    }

    /** The pub/sub may be closed; then it has no members, and nothing of this topic may stay. */
    private void subscribe() {
        try {
            subscription = fastlane.pubsub().subscribeInline(topic, this::receive);
            ready = subscription.ready();
        } catch (Throwable e) {
            end();
            throw e;
        }
    }

    /** Expects a member no more, or ends its membership. */
    void leave(Members members) {
        synchronized (this) {
            if (--members.expectedMembers > 0) {
                return;
            }
            lanes = Arrays.stream(lanes).filter(other -> other != members).toArray(Members[]::new);
            if (lanes.length > 0 || expected > 0) {
                return;
            }
            if (history == null) {
                end();
                return;
            }
            idle();
        }
        fastlane.histories().trim(this);
    }

    private void idle() {
        idleSince = fastlane.now();
        fastlane.histories().idle(this);
    }

    private void end() {
        gone = true;
        fastlane.remove(this);
        if (subscription != null) {
            subscription.close();
        }
        TopicHistory kept = history;
        if (kept != null) {
            kept.end();
            fastlane.histories().end(this);
            history = null;
        }
    }

    /** Gives the history up, unless members came back. */
    synchronized void forget() {
        if (!gone && lanes.length == 0 && expected == 0) {
            end();
        }
    }

    /** Drops the older half of the history. False if nothing is left. */
    synchronized boolean shrinkHistory() {
        TopicHistory kept = history;
        if (kept == null || kept.bytes() == 0) {
            return false;
        }
        kept.shrink();
        return true;
    }

    synchronized void sweep(long now) {
        TopicHistory kept = history;
        if (kept == null) {
            return;
        }
        Set<String> others = others();
        kept.expire(others::contains, now);
        if (lanes.length == 0 && expected == 0 && now - idleSince >= kept.age()) {
            end();
        }
    }

    // Broadcasts.

    /**
     * Begins a history for a broadcast that other nodes keep, unless there is one.
     *
     * @return false if the topic is gone
     */
    synchronized boolean beginHistory(History kept) {
        if (!gone && history == null) {
            begin(Optional.of(kept));
            if (lanes.length == 0 && expected == 0) {
                idle();
            }
        }
        return !gone;
    }

    /**
     * Broadcasts to the members of all nodes. It waits while a lane is full, and until the history has begun.
     *
     * @return false if the topic is gone, or nothing can come from it yet: then nothing was done
     */
    boolean publish(Broadcast broadcast) {
        awaitCapacity();
        // In this order: where there is no history yet, none of these members has a channel that keeps one.
        Members[] all = lanes;
        TopicHistory kept = history;
        Subscription own = subscription;
        if (own == null) {
            return false;
        }
        if (kept == null) {
            enqueue(broadcast, Ref.NULL, null, all);
            fastlane.pubsub().broadcastFrom(own, topic, broadcast);
            return true;
        }
        kept.ready().join();
        if (fastlane.replicas().alone(topic)) {
            if (kept.keeps(broadcast)) {
                return publishHere(kept, broadcast) != null;
            }
            enqueue(broadcast, Ref.NULL, null, lanes);
            return true;
        }
        publishing.lock();
        try {
            Broadcast stamped = publishHere(kept, broadcast);
            if (stamped == null) {
                return false;
            }
            fastlane.pubsub().broadcastFrom(own, topic, stamped);
        } finally {
            publishing.unlock();
        }
        return true;
    }

    /** Stamps a broadcast, keeps it if it is to be kept, and hands it to the lanes. Null if the history has ended. */
    private @Nullable Broadcast publishHere(TopicHistory kept, Broadcast broadcast) {
        Stamp stamp;
        synchronized (this) {
            if (history != kept) {
                return null;
            }
            if (kept.keeps(broadcast)) {
                Delivery<KeptBroadcast> delivery = kept.publish(broadcast, fastlane.now());
                stamp = delivery.stamp();
                deliver(delivery, broadcast);
                enqueue(
                        broadcast,
                        Ref.NULL,
                        null,
                        some(members -> !members.kind().keeps()));
            } else {
                stamp = kept.pass();
                enqueue(broadcast, Ref.NULL, null, lanes);
            }
        }
        fastlane.histories().trim(this);
        return broadcast.with(stamp);
    }

    /** Takes what another endpoint or node broadcast. The publisher's thread; it waits while a lane is full, unless it is a loop. */
    void receive(Broadcast broadcast) {
        awaitCapacity();
        TopicHistory kept = history;
        Stamp stamp = broadcast.stamp();
        if (kept == null || stamp == null) {
            enqueue(broadcast, Ref.NULL, null, lanes);
            return;
        }
        // The others get it when it is its turn.
        enqueue(broadcast, Ref.NULL, null, some(members -> !members.kind().keeps()));
        synchronized (this) {
            if (history == kept) {
                kept.received(stamp, broadcast, fastlane.now());
                watch(kept);
            }
        }
        fastlane.histories().trim(this);
    }

    private Members[] some(Predicate<Members> which) {
        Members[] all = lanes;
        for (Members members : all) {
            if (!which.test(members)) {
                return Arrays.stream(all).filter(which).toArray(Members[]::new);
            }
        }
        return all;
    }

    /** Waits while a lane of its members is full. */
    void awaitCapacity() {
        for (Members members : lanes) {
            members.lane().awaitCapacity();
        }
    }

    @Override
    public void deliver(Delivery<KeptBroadcast> delivery) {
        deliver(delivery, delivery.content().broadcast());
    }

    private void deliver(Delivery<KeptBroadcast> delivery, Broadcast broadcast) {
        Ref ref = ref(delivery, Position.NONE, delivery.gap());
        byte[] message = null;
        if (!ref.isNull()) {
            message = KEPT.broadcast(ref, topic.name(), broadcast.event(), broadcast.payload());
            delivery.content().deliver(message);
        }
        enqueue(
                broadcast,
                ref,
                message,
                some(members -> members.kind().keeps() && members.ahead().size() == 0));
        for (Members members : lanes) {
            if (members.ahead().size() > 0) {
                deliver(delivery, broadcast, members);
            }
        }
    }

    /** Hands a message to members that have some which this node has not. */
    private void deliver(Delivery<KeptBroadcast> delivery, Broadcast broadcast, Members members) {
        members.gap |= delivery.gap();
        if (!delivery.isIn(members.ahead())) {
            Ref ref = ref(delivery, members.ahead(), members.gap);
            members.gap &= ref.isNull();
            enqueue(broadcast, ref, null, new Members[] {members});
        }
        if (delivery.position().covers(members.ahead()) && !members.gap) {
            members.caughtUp();
        }
    }

    private static Ref ref(Delivery<KeptBroadcast> delivery, Position ahead, boolean gap) {
        return delivery.kept()
                .map(kept -> Ref.of(kept.token().with(ahead).text() + (gap ? Token.GAP : "")))
                .orElse(Ref.NULL);
    }

    @SuppressWarnings("ReferenceEquality") // a serializer stands for itself; equal policies are computed again
    private void enqueue(Broadcast broadcast, Ref ref, byte @Nullable [] asKept, Members[] all) {
        Serializer serializer = null;
        byte[] message = null;
        SlowPolicies slow = SlowPolicies.NONE;
        SlowDelivery slowDelivery = null;
        for (Members members : all) {
            // What is kept must have no gap, whatever another channel says of its event.
            if (members.kind().slow() != slow && ref.isNull()) {
                slow = members.kind().slow();
                slowDelivery = slow.whenBehind(topic.name(), broadcast, fastlane.codec());
            }
            if (message == null || members.kind().serializer() != serializer) {
                serializer = members.kind().serializer();
                message = asKept != null && serializer instanceof V2Serializer
                        ? asKept
                        : serializer.broadcast(ref, topic.name(), broadcast.event(), broadcast.payload());
            }
            if (message.length == 0) {
                fastlane.counts().add(Count.BINARY_SKIPPED, members.expectedMembers);
            } else {
                members.lane().add(new Entry.ToMembers(members, broadcast, ref, message, slowDelivery));
            }
        }
    }

    // Other nodes.

    @Override
    public void ask(String node) {
        fastlane.replicas().ask(this, node);
    }

    /** The question of its log to others; empty if it has none any more. */
    synchronized Optional<Question> question(Optional<Dot> after) {
        return Optional.ofNullable(history).map(kept -> kept.question(after));
    }

    synchronized Optional<Answer<KeptBroadcast>> answer(Question question, int maxBytes) {
        return Optional.ofNullable(history).map(kept -> kept.answer(question, maxBytes, fastlane.now()));
    }

    void answered(String node, Answer<KeptBroadcast> answer) {
        awaitCapacity();
        synchronized (this) {
            TopicHistory kept = history;
            if (kept != null) {
                kept.answered(node, answer, fastlane.now());
            }
        }
        fastlane.histories().trim(this);
    }

    /** A node has given all the answers that it has. */
    synchronized void over(String node) {
        TopicHistory kept = history;
        if (kept != null) {
            kept.over(node, fastlane.now());
            watch(kept);
        }
    }

    synchronized void differs(String node) {
        TopicHistory kept = history;
        if (kept != null) {
            kept.differs(node);
            watch(kept);
        }
    }

    synchronized int hash() {
        TopicHistory kept = history;
        return kept == null ? 0 : kept.hash();
    }

    /** Time passes; whether it waits for nothing any more. */
    synchronized boolean tick() {
        TopicHistory kept = history;
        if (kept == null) {
            return true;
        }
        kept.tick(others(), fastlane.now());
        return kept.rests();
    }
}
