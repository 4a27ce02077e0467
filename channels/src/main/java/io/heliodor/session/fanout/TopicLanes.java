package io.heliodor.session.fanout;

import io.heliodor.history.Dot;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The members of one topic on this endpoint, by kinds, and the way of a broadcast into their lanes: encoded once for each serializer.
 * Its topic's lock guards all that changes it; what is broadcast to all reads it without.
 */
public final class TopicLanes {
    private static final Members[] EMPTY = {};

    private final TopicParts parts;
    private final Topic<Broadcast> topic;

    /** Replaced under the lock, read without: one element for each kind of members that there are. */
    private volatile Members[] all = EMPTY;

    TopicLanes(TopicParts parts, Topic<Broadcast> topic) {
        this.parts = parts;
        this.topic = topic;
    }

    /** Whether there are no members. */
    public boolean isEmpty() {
        return all.length == 0;
    }

    /** The kinds of members that there are now. A publisher looks for a retention after that. */
    public Members[] all() {
        return all;
    }

    /** The members of a kind, whose channels keep no messages. */
    Members members(Members.Owner of, Members.Kind kind) {
        for (Members members : all) {
            if (members.kind().equals(kind)) {
                return members;
            }
        }
        return add(new Members(of, kind));
    }

    /** Adds a set of members. Under the lock. */
    public <M extends Members> M add(M members) {
        Members[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = members;
        all = more;
        return members;
    }

    @SuppressWarnings("ReferenceEquality") // a set of members is equal to itself alone
    void remove(Members members) {
        all = Arrays.stream(all).filter(other -> other != members).toArray(Members[]::new);
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
    public void broadcast(Broadcast broadcast, Members[] to) {
        enqueue(broadcast, Ref.NULL, null, null, to, slow(broadcast, to));
    }

    /** Enqueues a broadcast without a token, whose deliveries to lagging members are known. */
    public void broadcast(Broadcast broadcast, Members[] to, SlowDeliveries slow) {
        enqueue(broadcast, Ref.NULL, null, null, to, slow);
    }

    /** The deliveries of a broadcast to lagging members. Runs user code, so without a lock. */
    public SlowDeliveries slow(Broadcast broadcast, Members[] to) {
        Map<SlowPolicies, SlowDelivery> deliveries = null;
        for (Members members : to) {
            SlowPolicies policies = members.kind().slow();
            if (!policies.isEmpty() && (deliveries == null || !deliveries.containsKey(policies))) {
                SlowDelivery delivery = policies.deliveryOf(topic.name(), broadcast, parts);
                if (delivery != null) {
                    deliveries = deliveries == null ? new HashMap<>() : deliveries;
                    deliveries.put(policies, delivery);
                }
            }
        }
        return deliveries == null ? SlowDeliveries.NONE : new SlowDeliveries(deliveries);
    }

    /** Those of some members for which a condition holds. */
    public static Members[] some(Members[] of, Predicate<Members> which) {
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

    /**
     * Enqueues a broadcast for some members.
     *
     * @param ref its token
     * @param dot its number if it is kept
     * @param asKept the message in version 2, if it is encoded already
     * @param slow its deliveries to lagging members
     */
    @SuppressWarnings("ReferenceEquality") // a serializer stands for itself
    public void enqueue(
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
                members.lane().add(new Members.Entry(members, broadcast, ref, dot, message, delivery));
            }
        }
        if (sentTo > 0 && parts.tap().isActive()) {
            parts.tap().enqueued(topic.name(), broadcast, sentBytes, sentTo);
        }
    }
}
