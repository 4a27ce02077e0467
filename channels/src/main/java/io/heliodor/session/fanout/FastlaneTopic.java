package io.heliodor.session.fanout;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.FirstMessages;
import io.heliodor.channel.History;
import io.heliodor.channel.KeptMessages;
import io.heliodor.channel.Socket;
import io.heliodor.history.CatchUpRequest;
import io.heliodor.history.CatchUpResponse;
import io.heliodor.history.CausalStamp;
import io.heliodor.history.Delivery;
import io.heliodor.history.Dot;
import io.heliodor.history.Gap;
import io.heliodor.history.LogEntry;
import io.heliodor.history.ResumeResult;
import io.heliodor.history.ResumeToken;
import io.heliodor.history.VersionVector;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.PromptSubscriber;
import io.heliodor.session.replication.CopyPlacement;
import io.heliodor.session.replication.HistoryThreads;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Payload;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One topic that has members on this endpoint, or a history that outlives them.
 *
 * <p>Its lock is held for moments, and never while user code runs: so that members come and go in one step with what is
 * broadcast, and so that what is kept is numbered, kept and handed to all lanes in one step.
 */
public final class FastlaneTopic
        implements TopicHistory.Effects, KeptTopic, Members.Owner, PromptSubscriber<Broadcast> {
    /** The loop of a closed endpoint runs no tasks. */
    private static final Duration LOOP_TIMEOUT = Duration.ofSeconds(10);

    private final TopicParts parts;
    private final Consumer<FastlaneTopic> onEnd;
    private final Topic<Broadcast> topic;

    /** Null while this node keeps a copy alone. Written under the lock. */
    private volatile @Nullable Subscription subscription;

    /** Of kept messages alone, for the members of other nodes. Written under the lock. */
    private volatile @Nullable Subscription copySubscription;

    /** Completes when all nodes have the subscription. */
    private volatile CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);

    @GuardedBy("this")
    private boolean ended;

    @GuardedBy("this")
    private long idleSince;

    /** The copy of this log on another node. */
    @GuardedBy("this")
    private final CopyPlacement copying = new CopyPlacement();

    /** The number of channels about to join. The topic stays while they wait for other nodes. */
    @GuardedBy("this")
    private int expected;

    /** Whether it has had a member, a message or a copy. One of which joins were refused alone ends with them. */
    @GuardedBy("this")
    private boolean used;

    /** Begins with the first member whose channel keeps one. Written under the lock. */
    private volatile @Nullable TopicHistory history;

    private final TopicLanes lanes;

    /**
     * Orders publishers, so that broadcasts leave in stamp order. The topic's lock is not held while they wait for each other.
     */
    private final ReentrantLock publishing = new ReentrantLock();

    /**
     * A topic.
     *
     * @param onEnd is called when it has ended, with its lock
     */
    public FastlaneTopic(TopicParts parts, Topic<Broadcast> topic, Consumer<FastlaneTopic> onEnd) {
        this.parts = parts;
        this.topic = topic;
        this.onEnd = onEnd;
        this.lanes = new TopicLanes(parts, topic);
    }

    /**
     * A channel that joins.
     *
     * @param member the channel
     * @param kind what it shares with some of the topic's members
     * @param kept what its channel keeps of a topic
     * @param since its last history token, if any
     */
    public record Joining(Member member, Members.Kind kind, Optional<History> kept, Optional<ResumeToken> since) {}

    @Override
    public String name() {
        return topic.name();
    }

    /** Notes its broadcasts for traces. */
    @Override
    public BroadcastTap tap() {
        return parts.tap();
    }

    Topic<Broadcast> topic() {
        return topic;
    }

    @Override
    public boolean hasHistory() {
        return history != null;
    }

    /** Whether its messages come here for members or a history, and not as copies alone. */
    boolean isSubscribed() {
        return subscription != null;
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
    public synchronized Expectation expect(Joining joining) {
        if (ended) {
            return new Expectation.Ended();
        }
        begin(joining.kept());
        expected++;
        return isUpToDate(joining) ? new Expectation.Begun(beginJoin(joining)) : new Expectation.Waits();
    }

    /** Subscribes, and begins a history. */
    @GuardedBy("this")
    private void begin(Optional<History> kept) {
        TopicHistory next = null;
        if (history == null && kept.isPresent()) {
            next = newHistory(kept.get());
        }
        // After the history: else a broadcast could come in between, and reach the member without a token.
        if (subscription == null) {
            subscribe();
        }
        if (next != null) {
            beginWhenReady(next);
        }
    }

    private TopicHistory newHistory(History kept) {
        TopicHistory next = new TopicHistory(
                kept, parts.histories(), parts.memory(), parts.replicas(), topic.name(), this, parts.now());
        history = next;
        parts.histories().begin(this);
        return next;
    }

    /** Begins a history once the subscription is ready: then all new messages arrive here, and other logs have the rest. */
    private void beginWhenReady(TopicHistory next) {
        if (ready.isDone()) {
            begin(next);
        } else {
            // The loop of the node completes it, and does not wait for a lock.
            var _ = ready.thenRunAsync(() -> begin(next), HistoryThreads::start);
        }
    }

    /**
     * Keeps a copy for the members of other nodes, from now on for the age of the history.
     *
     * @return complete when it has one; empty if the topic has ended
     */
    synchronized Optional<CompletableFuture<Void>> keepCopy(History kept) {
        if (ended) {
            return Optional.empty();
        }
        used = true;
        TopicHistory present = history;
        if (present == null) {
            present = newHistory(kept);
            if (subscription == null) {
                subscribeToCopies();
            }
            beginWhenReady(present);
        }
        if (lanes.isEmpty() && expected == 0) {
            idle();
        }
        CompletableFuture<Void> begun = present.ready();
        return Optional.of(ready.thenCompose(_ -> begun));
    }

    private synchronized void begin(TopicHistory next) {
        if (history == next) {
            next.begin(others(), parts.now());
            watch(next);
        }
    }

    /** The other nodes that have a log, or soon will. */
    @Override
    public Set<String> others() {
        return parts.replicas().others().others(topic, isSubscribed());
    }

    /** Requests ticks while a history waits for something. */
    private void watch(TopicHistory kept) {
        if (!kept.isQuiescent()) {
            parts.replicas().addWaiting(this);
        }
    }

    /** Whether a message would be lost if no other node had this log. */
    @Override
    public synchronized boolean keepsMessages() {
        TopicHistory kept = history;
        return kept != null && !kept.isEmpty();
    }

    /** Catches up unless it has all up to a position; whether it has that then. */
    synchronized CompletableFuture<Boolean> reach(VersionVector position) {
        TopicHistory kept = history;
        if (kept == null || kept.covers(position)) {
            return CompletableFuture.completedFuture(kept != null);
        }
        CompletableFuture<Void> caughtUp = kept.catchUp(others(), parts.now());
        watch(kept);
        return caughtUp.thenApply(_ -> covers(position));
    }

    private synchronized boolean covers(VersionVector position) {
        TopicHistory kept = history;
        return kept != null && kept.covers(position);
    }

    private boolean isUpToDate(Joining joining) {
        TopicHistory kept = history;
        return ready.isDone()
                && (kept == null
                        || joining.kept().isEmpty()
                        || (kept.ready().isDone() && !isAhead(kept, joining.since())));
    }

    /** Whether a member has what this log lacks, and it may be had from another node. */
    private boolean isAhead(TopicHistory kept, Optional<ResumeToken> since) {
        return since.filter(kept::isAhead).isPresent()
                && (!parts.replicas().others().interestKnown().isDone() || !others().isEmpty());
    }

    /** Complete when this node has all that other nodes have, if a channel that is about to join has more than this one. */
    private synchronized CompletableFuture<Void> caughtUp(TopicHistory kept, Optional<ResumeToken> since) {
        if (ended || !isAhead(kept, since)) {
            return kept.ready();
        }
        CompletableFuture<Void> caughtUp = kept.catchUp(others(), parts.now());
        watch(kept);
        return caughtUp;
    }

    /** Waits until a channel that is {@linkplain #expect expected} may begin its join. An interrupt ends the wait. */
    void await(Joining joining) {
        try {
            ready.get();
            TopicHistory kept = history;
            if (kept != null && joining.kept().isPresent()) {
                kept.ready().get();
                // A node may have joined the view since: without its topics it would get no request.
                parts.replicas().others().interestKnown().get();
                caughtUp(kept, joining.since()).get();
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
    synchronized JoinBarrier beginJoin(Joining joining) {
        expected--;
        TopicHistory kept = history;
        if (kept != null && lanes.isEmpty()) {
            parts.histories().busy(this);
        }
        Recovery recovery = recover(joining);
        Members members = members(joining.kind(), recovery, kept);
        members.expect(members.expectedMembers() + 1);
        JoinBarrier barrier = new JoinBarrier(
                joining.member(), members, recovery, kept == null ? VersionVector.NONE : kept.position());
        members.lane().add(new JoinBarrier.BegunEntry(barrier));
        return barrier;
    }

    /** The set of members of a channel that is about to be one. */
    @GuardedBy("this")
    private Members members(Members.Kind kind, @Nullable Recovery recovery, @Nullable TopicHistory kept) {
        VersionVector ahead = recovery == null ? VersionVector.NONE : recovery.ahead();
        VersionVector has = recovery == null || kept == null ? ahead : ahead.max(kept.skipped());
        Members members = lanes.find(kind, has);
        if (members == null && !lanes.takesAhead(kind)) {
            // It may get the mark of a gap from before its join.
            has = ahead;
            members = lanes.find(kind, has);
        }
        return members == null ? lanes.add(this, kind, has) : members;
    }

    /** Lets a channel become a member, whose join handler has accepted it. Waits for other nodes if its state is of another one. */
    @Override
    public void accept(JoinBarrier barrier, Payload.Json reply, FirstMessages first) {
        Recovery begun = barrier.recovery();
        if (begun == null || begun.recovered()) {
            accept(barrier, reply);
            return;
        }
        switch (first) {
            case FirstMessages.SinceJoin _ -> accept(barrier, reply);
            case FirstMessages.Since(var position) -> acceptSince(barrier, reply, ResumeToken.of(position));
            case FirstMessages.Newest newest ->
                acceptWith(
                        barrier,
                        reply,
                        kept(barrier).stream().limit(newest.limit()).toList());
            case FirstMessages.NewestOfEach<?> newest ->
                acceptWith(barrier, reply, NewestOfEach.of(kept(barrier), newest, parts.codec()));
        }
    }

    private synchronized void accept(JoinBarrier barrier, Payload.Json reply) {
        enqueue(barrier, reply, barrier.recovery(), _ -> false);
    }

    /** With kept messages, the newest first. */
    private synchronized void acceptWith(
            JoinBarrier barrier, Payload.Json reply, List<LogEntry<KeptBroadcast>> newestFirst) {
        Recovery begun = barrier.recovery();
        if (begun == null || newestFirst.isEmpty()) {
            enqueue(barrier, reply, begun, _ -> false);
            return;
        }
        List<ResumeResult.Missed<KeptBroadcast>> first = newestFirst.reversed().stream()
                .map(each -> new ResumeResult.Missed<>(each, each.token()))
                .toList();
        begun.dispose();
        enqueue(barrier, reply, begun.with("", first), _ -> false);
    }

    private synchronized List<LogEntry<KeptBroadcast>> kept(JoinBarrier barrier) {
        TopicHistory kept = history;
        return kept == null ? List.of() : kept.newest(barrier.position(), parts.now());
    }

    private void acceptSince(JoinBarrier barrier, Payload.Json reply, Optional<ResumeToken> state) {
        TopicHistory present = history;
        if (present != null) {
            try {
                caughtUp(present, state).get();
            } catch (ExecutionException e) {
                throw new AssertionError("the readiness of a topic does not fail", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        synchronized (this) {
            Recovery begun = barrier.recovery();
            TopicHistory kept = history;
            if (begun != null && kept != null && state.isPresent()) {
                ResumeToken token = state.get();
                VersionVector named = token.named();
                if (kept.covers(named) && named.covers(barrier.position())) {
                    // The messages after the state wait in the lane, whether or not they are kept still.
                    begun.dispose();
                    enqueue(barrier, reply, begun.with(token.text(), List.of()), named::covers);
                    return;
                }
                if (kept.following(token, barrier.position(), parts.now())
                        instanceof TopicHistory.Following.Known(var before, var since)) {
                    begun.dispose();
                    enqueue(barrier, reply, begun.with(token.text(), before), dot -> !since.contains(dot));
                    return;
                }
            }
            parts.counters().increment(Counter.HISTORY_POSITIONS_UNKNOWN);
            enqueue(barrier, reply, begun, _ -> false);
        }
    }

    /** In one step with what is kept: a message that comes later follows in the lane. */
    @GuardedBy("this")
    private void enqueue(JoinBarrier barrier, Payload.Json reply, @Nullable Recovery recovery, Predicate<Dot> known) {
        used = true;
        Members members = barrier.members();
        members.accept(members.acceptedMembers() + 1);
        members.lane().add(new Member.JoinedEntry(barrier, reply, recovery, known));
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

    /** The token of all that was delivered here; empty without a history. */
    @Override
    public Optional<String> position() {
        TopicHistory kept = history;
        if (kept == null) {
            return Optional.empty();
        }
        synchronized (this) {
            return Optional.of(kept.token());
        }
    }

    /** The broadcasts that wait for the join handlers of some members. */
    @Override
    public JoinBacklog newBacklog() {
        return new JoinBacklog(parts.memory(), parts.topicLimits().joinBytes());
    }

    /** More was broadcast than may wait for a join handler. */
    @Override
    public void overrun(JoinBarrier barrier) {
        parts.counters().increment(Counter.JOINS_OVERRUN);
    }

    private @Nullable Recovery recover(Joining joining) {
        TopicHistory kept = history;
        if (kept == null || joining.kept().isEmpty()) {
            return null;
        }
        // It may have missed events that its own definition keeps and the history does not.
        boolean known = kept.keepsAllOf(joining.kept().get());
        Recovery recovery = kept.recover(known ? joining.since() : Optional.empty(), parts.now());
        VersionVector ahead = recovery.ahead();
        if (ahead.size() == 0 || lanes.find(joining.kind(), ahead) != null || lanes.takesAhead(joining.kind())) {
            return recovery;
        }
        recovery.dispose();
        parts.counters().increment(Counter.HISTORY_AHEAD_REFUSED);
        return kept.recover(Optional.empty(), parts.now());
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
        Subscription copies = copySubscription;
        if (copies != null) {
            // Until then kept messages may arrive twice, or only as copies.
            var _ = ready.thenRun(copies::close);
        }
    }

    /** Completes when the other nodes have the subscription, and this node has theirs. */
    private CompletableFuture<Void> interestExchanged(Subscription subscribed) {
        return CompletableFuture.allOf(
                subscribed.ready(), parts.replicas().others().interestKnown());
    }

    @GuardedBy("this")
    private void subscribeToCopies() {
        try {
            Subscription copies = parts.copies().subscribeInline(topic, this);
            copySubscription = copies;
            ready = interestExchanged(copies);
        } catch (Throwable e) {
            end();
            throw e;
        }
    }

    /** Ends a membership. */
    @Override
    public void leave(Members members) {
        leave(members, true);
    }

    private void leave(Members members, boolean accepted) {
        synchronized (this) {
            members.expect(members.expectedMembers() - 1);
            members.accept(members.acceptedMembers() - (accepted ? 1 : 0));
            if (members.expectedMembers() > 0) {
                return;
            }
            lanes.remove(members);
            if (!lanes.isEmpty() || expected > 0) {
                return;
            }
            if (history == null || !used) {
                end();
                return;
            }
            idle();
        }
        parts.histories().trim(this);
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

    @GuardedBy("this")
    private void idle() {
        idleSince = parts.now();
        parts.histories().idle(this);
    }

    @GuardedBy("this")
    private void end() {
        ended = true;
        onEnd.accept(this);
        if (subscription != null) {
            subscription.close();
        }
        if (copySubscription != null) {
            copySubscription.close();
        }
        TopicHistory kept = history;
        if (kept != null) {
            // Before the futures of the history complete: a copy that ends is not confirmed.
            history = null;
            kept.end();
            parts.histories().end(this);
        }
    }

    /** Gives the history up, unless members came back. */
    @Override
    public synchronized void forget() {
        if (!ended && lanes.isEmpty() && expected == 0) {
            end();
        }
    }

    /** The bytes that the history keeps. */
    @Override
    public synchronized long historyBytes() {
        return history == null ? 0 : history.bytes();
    }

    /** Drops the older half of the history. False if nothing is left. */
    @Override
    public synchronized boolean shrinkHistory() {
        TopicHistory kept = history;
        return kept != null && kept.shrink(parts.now());
    }

    @Override
    public synchronized void sweep(long now) {
        TopicHistory kept = history;
        if (kept == null) {
            return;
        }
        Set<String> others = others();
        kept.expire(others::contains, now);
        copy(kept, others, now);
        if (lanes.isEmpty() && expected == 0 && now - idleSince >= kept.age()) {
            end();
        }
    }

    /** Requests a copy from another node if this is the only log, or the next request is due. */
    @GuardedBy("this")
    private void copy(TopicHistory kept, Set<String> others, long now) {
        if (parts.pubsub().spansNodes()
                && !lanes.isEmpty()
                && !kept.isEmpty()
                && copying.isDue(parts.replicas().others().holders(topic, isSubscribed()), others, now)) {
            parts.replicas().copy(this);
        }
    }

    /** The number of {@linkplain CopyPlacement#attempt failed attempts} to place a copy. */
    @Override
    public synchronized int copyAttempt() {
        return copying.attempt();
    }

    /** Handles the result of a request for a copy. */
    @Override
    public synchronized void copied(String node, CopyPlacement.Reply answer) {
        TopicHistory kept = history;
        if (kept != null) {
            copying.completed(node, answer, kept.age(), parts.now());
        }
    }

    // Broadcasts.

    /**
     * Begins a history for a broadcast that other nodes keep, unless there is one.
     *
     * @return false if the topic has ended
     */
    synchronized boolean beginHistory(History kept) {
        used = true;
        if (!ended && (history == null || subscription == null)) {
            begin(Optional.of(kept));
            if (lanes.isEmpty() && expected == 0) {
                idle();
            }
        }
        return !ended;
    }

    /**
     * Broadcasts to the members of all nodes. It waits while a lane is full, and until the history has begun.
     *
     * @return false if the topic has ended, or has no subscription yet: then nothing was done
     */
    boolean publish(Broadcast broadcast) {
        awaitCapacity();
        // In this order: if there is no history yet, none of these members has a channel that keeps one.
        Members[] all = lanes.all();
        TopicHistory kept = history;
        Subscription own = subscription;
        if (own == null) {
            return false;
        }
        if (kept == null) {
            lanes.broadcast(broadcast, all);
            parts.pubsub().broadcastFrom(own, topic, broadcast);
            return true;
        }
        kept.ready().join();
        return kept.keeps(broadcast) ? publish(kept, own, broadcast) : publishUnkept(kept, own, broadcast);
    }

    private boolean publish(TopicHistory kept, Subscription own, Broadcast broadcast) {
        boolean alone = parts.replicas().others().alone(topic);
        if (!alone) {
            publishing.lock();
        }
        try {
            CausalStamp stamp = publishHere(kept, broadcast);
            if (stamp == null) {
                return false;
            }
            // After the broadcast has its number: a log that began meanwhile may have requested it before.
            if (!alone || !parts.replicas().others().alone(topic)) {
                Broadcast stamped = broadcast.with(stamp);
                parts.pubsub().broadcastFrom(own, topic, stamped);
                broadcastToCopies(stamped);
            }
        } finally {
            if (!alone) {
                publishing.unlock();
            }
        }
        lanes.broadcast(broadcast, TopicLanes.plain(lanes.all()));
        parts.histories().trim(this);
        return true;
    }

    /** Numbers a broadcast, keeps it and hands it to the lanes. Null if the history has ended. */
    private synchronized @Nullable CausalStamp publishHere(TopicHistory kept, Broadcast broadcast) {
        if (history != kept) {
            return null;
        }
        used = true;
        long now = parts.now();
        boolean first = kept.isEmpty();
        Delivery<KeptBroadcast> delivery = kept.publish(broadcast, now);
        lanes.deliver(delivery, broadcast);
        if (first) {
            // Later requests come from the sweep.
            copy(kept, others(), now);
        }
        return delivery.stamp();
    }

    /** A broadcast that is not kept. */
    private boolean publishUnkept(TopicHistory kept, Subscription own, Broadcast broadcast) {
        SlowDeliveries slow = lanes.slow(broadcast, lanes.all());
        if (parts.replicas().others().alone(topic)) {
            deliver(broadcast, slow);
            return true;
        }
        publishing.lock();
        try {
            CausalStamp stamp = deliverStamped(kept, broadcast, slow);
            parts.pubsub().broadcastFrom(own, topic, broadcast.with(stamp));
        } finally {
            publishing.unlock();
        }
        return true;
    }

    /** Hands a broadcast to all lanes in one step, as kept ones are, so that all members get both in one order. */
    private synchronized void deliver(Broadcast broadcast, SlowDeliveries slow) {
        lanes.broadcast(broadcast, lanes.all(), slow);
    }

    /** The same, and stamps it in that step, so that other nodes deliver it at the same place. */
    private synchronized CausalStamp deliverStamped(TopicHistory kept, Broadcast broadcast, SlowDeliveries slow) {
        deliver(broadcast, slow);
        return kept.stampUnkept();
    }

    private void broadcastToCopies(Broadcast stamped) {
        Subscription own = copySubscription;
        if (own == null) {
            parts.copies().broadcast(topic, stamped);
        } else {
            parts.copies().broadcastFrom(own, topic, stamped);
        }
    }

    /**
     * Receives a broadcast of another endpoint or node, on the publisher's thread; it waits while a lane is full, unless it is
     * an event loop.
     */
    @Override
    @SuppressWarnings("ReferenceEquality") // an endpoint stands for itself
    public void receive(Broadcast broadcast) {
        awaitCapacity();
        // In this order, as in publish.
        Members[] all = lanes.all();
        TopicHistory kept = history;
        if (kept == null || broadcast.stamp() == null) {
            // A publisher of this endpoint looked for the topic before the members that keep a history joined it.
            boolean isEarlier = kept != null && broadcast.publisher() == parts.endpoint();
            lanes.broadcast(broadcast, isEarlier ? TopicLanes.plain(all) : all);
            return;
        }
        // The others get it when it is its turn.
        lanes.broadcast(broadcast, TopicLanes.plain(all));
        SlowDeliveries slow = lanes.slow(broadcast, all);
        synchronized (this) {
            if (history == kept) {
                kept.received(broadcast, slow, parts.now());
                watch(kept);
            }
        }
        parts.histories().trim(this);
    }

    @Override
    public boolean isPrompt() {
        return history == null && TopicLanes.arePrompt(lanes.all());
    }

    /** Not with a history, which is changed under the lock, nor with slow policies, which are code of users. */
    @Override
    public boolean receiveNow(Broadcast broadcast) {
        // In this order, as in publish.
        Members[] all = lanes.all();
        if (history != null || !TopicLanes.arePrompt(all)) {
            return false;
        }
        lanes.broadcast(broadcast, all);
        return true;
    }

    /** Waits while a lane of its members is full. */
    public void awaitCapacity() {
        lanes.awaitCapacity();
    }

    @Override
    @GuardedBy("this")
    public void deliver(Delivery<KeptBroadcast> delivery) {
        used = true;
        lanes.deliver(delivery, delivery.content().broadcast());
    }

    @Override
    public void missed(Gap gap, ResumeToken token) {
        lanes.notifyGap(gap, token);
    }

    @Override
    public boolean lacks(Dot last, Dot after) {
        return lanes.lacks(last, after);
    }

    // The server.

    /** The newest kept messages; empty if the history has ended. */
    public Optional<KeptMessages> newest(int limit) {
        TopicHistory kept = history;
        if (kept != null) {
            kept.ready().join();
        }
        return newestNow(limit);
    }

    /** The newest messages that are kept here already; empty if the history has ended. */
    public Optional<KeptMessages> newestNow(int limit) {
        synchronized (this) {
            return Optional.ofNullable(history).map(present -> present.newest(limit, parts.codec(), parts.now()));
        }
    }

    /** The kept messages after a token, when this node has all that others have; empty if the history has ended. */
    public Optional<KeptMessages> since(Optional<ResumeToken> token, int limit) {
        TopicHistory kept = history;
        if (kept != null) {
            kept.ready().join();
            parts.replicas().others().interestKnown().join();
            caughtUp(kept, token).join();
        }
        synchronized (this) {
            return Optional.ofNullable(history).map(present -> present.since(token, limit, parts.codec(), parts.now()));
        }
    }

    // Other nodes.

    @Override
    public void requestCatchUp(String node, long round) {
        parts.replicas().catchUp(this, node, round);
    }

    /** The request of its log to others; empty if it has none any more. */
    @Override
    public synchronized Optional<CatchUpRequest> request(Optional<Dot> after) {
        return Optional.ofNullable(history).map(kept -> kept.request(after));
    }

    @Override
    public synchronized Optional<CatchUpResponse<KeptBroadcast>> respond(CatchUpRequest request, int maxBytes) {
        return Optional.ofNullable(history).map(kept -> kept.respond(request, maxBytes, parts.now()));
    }

    @Override
    public void answered(String node, long round, CatchUpResponse<KeptBroadcast> answer) {
        awaitCapacity();
        synchronized (this) {
            TopicHistory kept = history;
            if (kept != null) {
                kept.answered(node, round, answer, parts.now());
            }
        }
        parts.histories().trim(this);
    }

    /** No more responses of a node arrive in this round. */
    @Override
    public synchronized void over(String node, long round, boolean responded) {
        TopicHistory kept = history;
        if (kept != null) {
            kept.over(node, round, responded, parts.now());
            watch(kept);
        }
    }

    @Override
    public synchronized void differs(String node) {
        TopicHistory kept = history;
        if (kept != null) {
            kept.differs(node);
            watch(kept);
        }
    }

    @Override
    public synchronized int hash() {
        TopicHistory kept = history;
        return kept == null ? 0 : kept.hash();
    }

    /** Whether it has a history with another position. */
    @Override
    public synchronized boolean differsFrom(int hash) {
        return history != null && hash() != hash;
    }

    /** Handles a tick; returns whether it is quiescent. */
    @Override
    public synchronized boolean tick() {
        TopicHistory kept = history;
        if (kept == null) {
            return true;
        }
        kept.tick(others(), parts.now());
        return kept.isQuiescent();
    }
}
