package io.heliodor.session;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.wire.Serializer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One topic that has members on this endpoint. */
final class FastlaneTopic {
    private static final Members[] NOBODY = {};

    private final Fastlane fastlane;
    private final Topic<Broadcast> topic;
    private @Nullable Subscription subscription;
    private boolean gone;

    /** Replaced under the lock, read without: one element for each lane and serializer that has members. */
    private volatile Members[] lanes = NOBODY;

    FastlaneTopic(Fastlane fastlane, Topic<Broadcast> topic) {
        this.fastlane = fastlane;
        this.topic = topic;
    }

    Topic<Broadcast> topic() {
        return topic;
    }

    /**
     * Promises a seat. The lane is known to publishers before {@link Entry.Joined} is enqueued, so a broadcast that
     * begins after this call follows the reply; one that was enqueued before does not reach the member.
     *
     * @return false if the last member left in the meantime and the topic is gone
     */
    synchronized boolean join(
            PubSub pubsub, ChannelProcess<?, ?> member, Lane lane, Serializer serializer, byte[] reply) {
        if (gone) {
            return false;
        }
        if (subscription == null) {
            subscription = pubsub.subscribeInline(topic, this::receive);
        }
        Members members = find(lane, serializer);
        if (members == null) {
            members = new Members(this, lane, serializer);
            Members[] more = Arrays.copyOf(lanes, lanes.length + 1);
            more[lanes.length] = members;
            lanes = more;
        }
        members.promised++;
        lane.add(new Entry.Joined(member, members, reply));
        return true;
    }

    /** Takes a promised seat back. */
    synchronized void leave(Members members) {
        if (--members.promised > 0) {
            return;
        }
        lanes = Arrays.stream(lanes).filter(other -> other != members).toArray(Members[]::new);
        if (lanes.length == 0) {
            gone = true;
            fastlane.remove(this);
            if (subscription != null) {
                subscription.close();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // a serializer stands for itself
    private @Nullable Members find(Lane lane, Serializer serializer) {
        for (Members members : lanes) {
            if (members.lane == lane && members.serializer == serializer) {
                return members;
            }
        }
        return null;
    }

    @SuppressWarnings("ReferenceEquality") // a serializer stands for itself
    private void receive(Broadcast broadcast) {
        Serializer serializer = null;
        byte[] message = null;
        for (Members members : lanes) {
            if (message == null || members.serializer != serializer) {
                serializer = members.serializer;
                message = serializer.broadcast(topic.name(), broadcast.event(), broadcast.payload());
            }
            members.lane.enqueue(new Entry.ToMembers(members, broadcast, message));
        }
    }
}
