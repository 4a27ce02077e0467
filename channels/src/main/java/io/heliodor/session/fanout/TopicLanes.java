package io.heliodor.session.fanout;

import io.heliodor.history.Delivery;
import io.heliodor.history.Dot;
import io.heliodor.history.Gap;
import io.heliodor.history.ResumeToken;
import io.heliodor.history.VersionVector;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The members of one topic on this endpoint, by kinds, and the way of a broadcast into their lanes: encoded once for each serializer.
 * Its topic's lock guards all that changes it; what is broadcast to all reads it without.
 */
final class TopicLanes {
    private static final Members[] EMPTY = {};

    /** The version in which histories keep messages. */
    private static final Serializer KEPT = new V2Serializer();

    /** The notification of members that messages of the history are missing, if no message follows that shows it. */
    private static final Broadcast GAP =
            new Broadcast("history_gap", new Payload.Json("{}".getBytes(StandardCharsets.UTF_8), 0, 2), null, null);

    private final TopicParts parts;
    private final Topic<Broadcast> topic;

    /** Replaced under the lock, read without: one element for each kind of members that there are. */
    private volatile Members[] all = EMPTY;

    /** Whether the next token must mark a gap: a sender missed the last mark. */
    private boolean gap;

    TopicLanes(TopicParts parts, Topic<Broadcast> topic) {
        this.parts = parts;
        this.topic = topic;
    }

    boolean isEmpty() {
        return all.length == 0;
    }

    /** The kinds of members that there are now. A publisher looks for a history after that. */
    Members[] all() {
        return all;
    }

    @Nullable
    Members find(Members.Kind kind, VersionVector ahead) {
        for (Members members : all) {
            if (members.kind().equals(kind) && members.ahead().equals(ahead) && !members.gap) {
                return members;
            }
        }
        return null;
    }

    Members add(Members.Owner of, Members.Kind kind, VersionVector ahead) {
        Members members = new Members(of, kind, ahead);
        Members[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = members;
        all = more;
        return members;
    }

    void remove(Members members) {
        all = Arrays.stream(all).filter(other -> other != members).toArray(Members[]::new);
    }

    /** Whether one more set of members of a kind may have what other members have not. */
    boolean takesAhead(Members.Kind kind) {
        Set<Members.Kind> kinds = Arrays.stream(all).map(Members::kind).collect(Collectors.toSet());
        return !kinds.contains(kind)
                || all.length - kinds.size() < parts.topicLimits().aheadSets();
    }

    /** Whether a broadcast to these members needs neither a wait nor code of users. */
    static boolean arePrompt(Members[] of) {
        for (Members members : of) {
            if (members.lane().isBroadcastFull() || !members.kind().slow().isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Waits while a lane of the members is full. */
    void awaitCapacity() {
        for (Members members : all) {
            members.lane().awaitBroadcastCapacity();
        }
    }

    /** Enqueues a broadcast without a token for some members, or for all. Runs user code, so without a lock. */
    void broadcast(Broadcast broadcast, Members[] to) {
        enqueue(broadcast, Ref.NULL, null, null, to, slow(broadcast, to));
    }

    /** Enqueues a broadcast without a token, whose deliveries to lagging members are known. */
    void broadcast(Broadcast broadcast, Members[] to, SlowDeliveries slow) {
        enqueue(broadcast, Ref.NULL, null, null, to, slow);
    }

    /** The deliveries of a broadcast to lagging members. Runs user code, so without a lock. */
    SlowDeliveries slow(Broadcast broadcast, Members[] to) {
        Map<SlowPolicies, SlowDelivery> deliveries = null;
        for (Members members : to) {
            SlowPolicies policies = members.kind().slow();
            if (!policies.isEmpty() && (deliveries == null || !deliveries.containsKey(policies))) {
                SlowDelivery delivery = policies.deliveryOf(topic.name(), broadcast, parts.codec());
                if (delivery != null) {
                    deliveries = deliveries == null ? new HashMap<>() : deliveries;
                    deliveries.put(policies, delivery);
                }
            }
        }
        return deliveries == null ? SlowDeliveries.NONE : new SlowDeliveries(deliveries);
    }

    /** Those of some members whose channels keep no history. */
    static Members[] plain(Members[] of) {
        return some(of, members -> !members.kind().keeps());
    }

    /**
     * Hands a message of the history to the members whose channels keep one. Under the lock.
     *
     * @param broadcast the message, as its publisher gave it
     */
    void deliver(Delivery<KeptBroadcast> delivery, Broadcast broadcast) {
        KeptBroadcast content = delivery.content();
        boolean afterGap = delivery.gap().isFor(VersionVector.NONE) || gap;
        Ref ref = ref(delivery, VersionVector.NONE, afterGap);
        byte[] message = null;
        if (!ref.isNull()) {
            message = KEPT.broadcast(ref, topic.name(), broadcast.event(), broadcast.payload());
            content.deliver(message, afterGap);
            // The sender does not get it, nor the mark.
            gap = afterGap && broadcast.except() != null;
        }
        Members[] ordinary = some(all, members -> members.kind().keeps() && !members.isAhead());
        enqueue(broadcast, ref, dot(delivery), message, ordinary, content.slow());
        for (Members members : all) {
            if (members.isAhead()) {
                deliver(delivery, broadcast, members);
            }
        }
    }

    /** Hands a message to members that have some which this node has not. */
    private void deliver(Delivery<KeptBroadcast> delivery, Broadcast broadcast, Members members) {
        members.gap |= delivery.gap().isFor(members.ahead());
        if (!delivery.isIn(members.ahead())) {
            Ref ref = ref(delivery, members.ahead(), members.gap);
            members.gap &= ref.isNull() || broadcast.except() != null;
            enqueue(
                    broadcast,
                    ref,
                    dot(delivery),
                    null,
                    new Members[] {members},
                    delivery.content().slow());
        }
        members.ahead(delivery.rest(members.ahead()));
    }

    /** Whether a member whose channel keeps a history lacks messages up to one, and a later one. Under the lock. */
    boolean lacks(Dot last, Dot after) {
        return Arrays.stream(all)
                .anyMatch(members -> members.kind().keeps()
                        && !members.ahead().covers(last)
                        && !members.ahead().covers(after));
    }

    /** Notifies the members whose channels keep a history that messages before a token are missing. Under the lock. */
    void notifyGap(Gap missed, ResumeToken token) {
        for (Members members : all) {
            if (members.kind().keeps() && (gap || members.gap || missed.isFor(members.ahead()))) {
                Ref ref = Ref.of(token.with(members.ahead()).text() + ResumeToken.GAP);
                enqueue(GAP, ref, null, null, new Members[] {members}, SlowDeliveries.NONE);
                members.gap = false;
            }
            members.ahead(missed.rest(members.ahead()));
        }
        gap = false;
    }

    private static Ref ref(Delivery<KeptBroadcast> delivery, VersionVector ahead, boolean gap) {
        return delivery.token(ahead, gap).map(Ref::of).orElse(Ref.NULL);
    }

    private static @Nullable Dot dot(Delivery<KeptBroadcast> delivery) {
        return delivery.kept().isPresent() ? delivery.stamp().dot() : null;
    }

    private static Members[] some(Members[] of, Predicate<Members> which) {
        int count = 0;
        for (Members members : of) {
            count += which.test(members) ? 1 : 0;
        }
        // Nearly always all or none.
        if (count == of.length) {
            return of;
        }
        return count == 0 ? EMPTY : Arrays.stream(of).filter(which).toArray(Members[]::new);
    }

    @SuppressWarnings("ReferenceEquality") // a serializer stands for itself
    private void enqueue(
            Broadcast broadcast,
            Ref ref,
            @Nullable Dot dot,
            byte @Nullable [] asKept,
            Members[] to,
            SlowDeliveries slow) {
        Serializer serializer = null;
        byte[] message = null;
        int sentTo = 0;
        int sentBytes = 0;
        for (Members members : to) {
            if (message == null || members.kind().serializer() != serializer) {
                serializer = members.kind().serializer();
                message = asKept != null && serializer instanceof V2Serializer
                        ? asKept
                        : serializer.broadcast(ref, topic.name(), broadcast.event(), broadcast.payload());
            }
            if (message.length == 0) {
                parts.counters().add(Counter.BINARY_SKIPPED, members.expectedMembers());
            } else {
                // Kept messages have no gap, whatever the policy of their event.
                SlowDelivery delivery = ref.isNull() ? slow.of(members.kind().slow()) : null;
                sentTo += members.expectedMembers();
                sentBytes = message.length;
                members.lane().add(new Members.BroadcastEntry(members, broadcast, ref, dot, message, delivery));
            }
        }
        if (sentTo > 0 && parts.tap().isActive()) {
            parts.tap().enqueued(topic.name(), broadcast, sentBytes, sentTo);
        }
    }
}
