package io.heliodor.session.retention;

import io.heliodor.history.Delivery;
import io.heliodor.history.Dot;
import io.heliodor.history.Gap;
import io.heliodor.history.ResumeToken;
import io.heliodor.history.VersionVector;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.fanout.Members;
import io.heliodor.session.fanout.SlowDeliveries;
import io.heliodor.session.fanout.TopicLanes;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The members of one topic whose channels keep a history, and the way of its messages into their lanes. Its topic's lock guards it. */
final class KeptLanes {
    /** The version in which histories keep messages. */
    private static final Serializer KEPT = new V2Serializer();

    /** The notification of members that messages of the history are missing, if no message follows that shows it. */
    private static final Broadcast GAP =
            new Broadcast("history_gap", new Payload.Json("{}".getBytes(StandardCharsets.UTF_8), 0, 2), null, null);

    /** The members that are of one kind and have the same messages of the history. */
    private static final class KeptMembers extends Members {
        /** The messages of the history that the members have and this node does not. */
        VersionVector ahead;

        /** Whether the next kept message must show that earlier ones are missing. */
        boolean gap;

        KeptMembers(Owner topic, Kind kind, VersionVector ahead) {
            super(topic, kind);
            this.ahead = ahead;
        }

        /** Whether they get messages of their own: they have some that this node lacks, or missed the mark of a gap. */
        boolean isAhead() {
            return ahead.size() > 0 || gap;
        }
    }

    private final FastlaneTopic topic;
    private final TopicLanes lanes;

    /** The maximum number of sets of members that have what others of their kind have not. */
    private final int maxAhead;

    /** Whether the next token must mark a gap: a sender missed the last mark. */
    private boolean gap;

    KeptLanes(FastlaneTopic topic, int maxAhead) {
        this.topic = topic;
        this.lanes = topic.lanes();
        this.maxAhead = maxAhead;
    }

    private Stream<KeptMembers> all() {
        return Arrays.stream(lanes.all()).filter(KeptMembers.class::isInstance).map(KeptMembers.class::cast);
    }

    private @Nullable KeptMembers find(Members.Kind kind, VersionVector ahead) {
        return all().filter(each -> each.kind().equals(kind) && each.ahead.equals(ahead) && !each.gap)
                .findFirst()
                .orElse(null);
    }

    /** Whether there may be members of a kind with what this node has not. */
    boolean takes(Members.Kind kind, VersionVector ahead) {
        return ahead.size() == 0 || find(kind, ahead) != null || takesAhead(kind);
    }

    /** Whether one more set of members of a kind may have what other members have not. */
    private boolean takesAhead(Members.Kind kind) {
        Set<Members.Kind> kinds = Arrays.stream(lanes.all()).map(Members::kind).collect(Collectors.toSet());
        return !kinds.contains(kind) || lanes.all().length - kinds.size() < maxAhead;
    }

    /** The set of members of a channel that is about to be one. */
    Members members(Members.Kind kind, VersionVector ahead, VersionVector skipped) {
        VersionVector has = ahead.max(skipped);
        KeptMembers members = find(kind, has);
        if (members == null && !takesAhead(kind)) {
            // It may get the mark of a gap from before its join.
            has = ahead;
            members = find(kind, has);
        }
        return members == null ? lanes.add(new KeptMembers(topic, kind, has)) : members;
    }

    /** Those of some members whose channels keep no history. */
    static Members[] plain(Members[] of) {
        return TopicLanes.some(of, members -> !(members instanceof KeptMembers));
    }

    /**
     * Hands a message of the history to the members whose channels keep one.
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
        Members[] all = lanes.all();
        Members[] ordinary = TopicLanes.some(all, members -> members instanceof KeptMembers kept && !kept.isAhead());
        lanes.enqueue(broadcast, ref, dot(delivery), message, ordinary, content.slow());
        for (Members members : all) {
            if (members instanceof KeptMembers kept && kept.isAhead()) {
                deliver(delivery, broadcast, kept);
            }
        }
    }

    /** Hands a message to members that have some which this node has not. */
    private void deliver(Delivery<KeptBroadcast> delivery, Broadcast broadcast, KeptMembers members) {
        members.gap |= delivery.gap().isFor(members.ahead);
        if (!delivery.isIn(members.ahead)) {
            Ref ref = ref(delivery, members.ahead, members.gap);
            members.gap &= ref.isNull() || broadcast.except() != null;
            enqueue(broadcast, ref, dot(delivery), members, delivery.content().slow());
        }
        members.ahead = delivery.rest(members.ahead);
    }

    private void enqueue(Broadcast broadcast, Ref ref, @Nullable Dot dot, Members members, SlowDeliveries slow) {
        lanes.enqueue(broadcast, ref, dot, null, new Members[] {members}, slow);
    }

    /** Whether a member whose channel keeps a history lacks messages up to one, and a later one. */
    boolean lacks(Dot last, Dot after) {
        return all().anyMatch(members -> !members.ahead.covers(last) && !members.ahead.covers(after));
    }

    /** Notifies the members whose channels keep a history that messages before a token are missing. */
    void notifyGap(Gap missed, ResumeToken token) {
        all().forEach(members -> {
            if (gap || members.gap || missed.isFor(members.ahead)) {
                Ref ref = Ref.of(token.with(members.ahead).text() + ResumeToken.GAP);
                enqueue(GAP, ref, null, members, SlowDeliveries.NONE);
                members.gap = false;
            }
            members.ahead = missed.rest(members.ahead);
        });
        gap = false;
    }

    private static Ref ref(Delivery<KeptBroadcast> delivery, VersionVector ahead, boolean gap) {
        return delivery.token(ahead, gap).map(Ref::of).orElse(Ref.NULL);
    }

    private static @Nullable Dot dot(Delivery<KeptBroadcast> delivery) {
        return delivery.kept().isPresent() ? delivery.stamp().dot() : null;
    }
}
