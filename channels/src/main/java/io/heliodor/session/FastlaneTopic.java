package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.wire.Position;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One topic that has members on this endpoint, or a history that outlives them.
 *
 * <p>Its lock is held for moments, and never while user code runs: so that members come and go in one step with what is
 * broadcast, and so that what is kept is numbered, kept and handed to all lanes in one step.
 */
final class FastlaneTopic {
    private static final Members[] NOBODY = {};

    /** What histories keep. */
    private static final Serializer KEPT = new V2Serializer();

    private final Fastlane fastlane;
    private final Topic<Broadcast> topic;
    private @Nullable Subscription subscription;

    /** Complete when all nodes know of the subscription. */
    private volatile CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);

    private boolean gone;
    private long idleSince;

    /** How many are about to join: the topic stays while they wait until other nodes know of it. Guarded by the lock. */
    private int expected;

    /** Begins with the first member whose channel keeps one. Written under the lock. */
    private volatile @Nullable TopicHistory history;

    /** Replaced under the lock, read without: one element for each kind of members that there are. */
    private volatile Members[] lanes = NOBODY;

    /** The lanes from before the history began: a broadcast on its way to them has no offset. Guarded by the lock. */
    private Members[] beforeHistory = NOBODY;

    FastlaneTopic(Fastlane fastlane, Topic<Broadcast> topic) {
        this.fastlane = fastlane;
        this.topic = topic;
    }

    /**
     * Who joins, and with what.
     *
     * @param member the channel
     * @param kind what it shares with some of the topic's members
     * @param kept what its channel keeps of a topic
     * @param since up to where it has what was kept
     */
    record Joining(ChannelProcess<?, ?> member, Members.Kind kind, Optional<History> kept, Optional<Position> since) {}

    Topic<Broadcast> topic() {
        return topic;
    }

    /** The result of an attempt to join. */
    enum Expectation {
        /** The last member left in the meantime, and the topic is gone. */
        GONE,
        /** Others do not know of the topic yet: who joins waits for them, and joins then. */
        WAITS,
        JOINED
    }

    /** Subscribes for somebody who wants to join, and lets them join if all nodes know of the topic. */
    synchronized Expectation expect(Joining joining) {
        if (gone) {
            return Expectation.GONE;
        }
        if (history == null && joining.kept().isPresent()) {
            history = new TopicHistory(
                    joining.kept().get(),
                    UUID.randomUUID().toString().substring(0, 13),
                    fastlane.histories()::grow,
                    fastlane.memory());
            fastlane.histories().begin(this);
            beforeHistory = lanes;
        }
        // After the history: else a broadcast could come in between, and reach the member without an offset.
        if (subscription == null) {
            subscribe();
        }
        expected++;
        if (!ready.isDone()) {
            return Expectation.WAITS;
        }
        join(joining);
        return Expectation.JOINED;
    }

    /** Waits until what any node publishes from now on comes here. An interrupt ends the wait. */
    void awaitReady() {
        try {
            ready.get();
        } catch (ExecutionException e) {
            throw new AssertionError("the readiness of a subscription does not fail", e);
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
        Members members = find(joining.kind());
        if (members == null) {
            members = new Members(this, joining.kind());
            Members[] more = Arrays.copyOf(lanes, lanes.length + 1);
            more[lanes.length] = members;
            lanes = more;
        }
        members.expectedMembers++;
        members.lane().add(new Entry.Joined(joining.member(), members, resume(joining)));
    }

    /** The pub/sub may be closed; then nobody is here, and nothing of this topic may stay. */
    private void subscribe() {
        try {
            subscription = fastlane.pubsub().subscribeInline(topic, this::receive);
            ready = subscription.ready();
        } catch (Throwable e) {
            end();
            throw e;
        }
    }

    private TopicHistory.@Nullable Resumed resume(Joining joining) {
        TopicHistory kept = history;
        if (kept == null || joining.kept().isEmpty()) {
            return null;
        }
        // What its own definition keeps and the history does not, it may have missed.
        boolean known = kept.keepsAllOf(joining.kept().get());
        return kept.resume(known ? joining.since() : Optional.empty(), fastlane.now());
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
            idleSince = fastlane.now();
            fastlane.histories().idle(this);
        }
        fastlane.histories().trim(this);
    }

    private void end() {
        gone = true;
        fastlane.remove(this);
        if (subscription != null) {
            subscription.close();
        }
        TopicHistory kept = history;
        if (kept != null) {
            kept.clear();
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
        kept.expire(now);
        if (lanes.length == 0 && expected == 0 && now - idleSince >= kept.age()) {
            end();
        }
    }

    private @Nullable Members find(Members.Kind kind) {
        List<Members> closed = List.of(beforeHistory);
        for (Members members : lanes) {
            if (members.kind().equals(kind) && !closed.contains(members)) {
                return members;
            }
        }
        return null;
    }

    /** Takes what was broadcast. The publisher's thread; it waits while a lane is full, unless it is a loop. */
    void receive(Broadcast broadcast) {
        awaitCapacity();
        // In this order: where there is no history yet, none of these members has a channel that keeps one.
        Members[] all = lanes;
        TopicHistory kept = history;
        if (kept != null && kept.keeps(broadcast)) {
            keep(broadcast);
            fastlane.histories().trim(this);
        } else {
            enqueue(broadcast, Ref.NULL, null, all);
        }
    }

    /** Waits while a lane of its members is full. */
    void awaitCapacity() {
        for (Members members : lanes) {
            members.lane().awaitCapacity();
        }
    }

    /** Numbered, kept and handed to every lane in one step, so that all members get what is kept in one order. */
    private synchronized void keep(Broadcast broadcast) {
        TopicHistory kept = history;
        if (kept == null) {
            return; // ended meanwhile: it has no members
        }
        Ref ref = TopicHistory.ref(kept.next());
        byte[] message = KEPT.broadcast(ref, topic.name(), broadcast.event(), broadcast.payload());
        kept.keep(broadcast, message, fastlane.now());
        enqueue(broadcast, ref, message, lanes);
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
}
