package io.heliodor.session;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.Type;
import io.heliodor.wire.Serializer;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is joined to which topic, for broadcasts: each topic with members on this endpoint subscribes to the pub/sub
 * once, and hands what comes to the lanes of its members, encoded once for each serializer.
 */
final class Fastlane {
    private static final Type<Broadcast> BROADCAST = Type.of(Broadcast.class);

    private final PubSub pubsub;
    private final ConcurrentHashMap<String, FastlaneTopic> topics = new ConcurrentHashMap<>();

    Fastlane(PubSub pubsub) {
        this.pubsub = pubsub.scope("heliodor.channels");
    }

    void broadcast(String topic, Broadcast broadcast) {
        FastlaneTopic known = topics.get(topic);
        pubsub.broadcast(known != null ? known.topic() : new Topic<>(topic, BROADCAST), broadcast);
    }

    /** Makes room for a member and enqueues its {@link Entry.Joined}, so that later broadcasts follow its reply. */
    FastlaneTopic join(String topic, ChannelProcess<?, ?> member, Lane lane, Serializer serializer, byte[] reply) {
        while (true) {
            FastlaneTopic entry =
                    topics.computeIfAbsent(topic, name -> new FastlaneTopic(this, new Topic<>(name, BROADCAST)));
            if (entry.join(pubsub, member, lane, serializer, reply)) {
                return entry;
            }
        }
    }

    void remove(FastlaneTopic entry) {
        topics.remove(entry.topic().name(), entry);
    }

    int topics() {
        return topics.size();
    }
}
