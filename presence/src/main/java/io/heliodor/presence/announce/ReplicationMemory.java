package io.heliodor.presence.announce;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.function.LongSupplier;

/**
 * The heap that replication takes in the presences of one pub/sub on this node: presences of other nodes, and removals. An endpoint
 * asks for it, and each presence adds its part in the same call.
 */
public final class ReplicationMemory {
    private static final Topic<ReplicationMemory> TOPIC = Topic.of("memory", ReplicationMemory.class);

    private long bytes;

    private ReplicationMemory() {}

    /**
     * The heap that replication takes now.
     *
     * @param scope the {@linkplain Announcement#scope scope} of a pub/sub that is open
     * @return bytes
     */
    public static long of(PubSub scope) {
        ReplicationMemory sum = new ReplicationMemory();
        scope.broadcastLocally(TOPIC, sum);
        return sum.bytes;
    }

    /**
     * Adds the part of one presence to each answer, until the subscription is closed.
     *
     * @param scope the {@linkplain Announcement#scope scope} of its pub/sub
     * @param bytes its part; it does not block
     * @return the subscription
     */
    public static Subscription include(PubSub scope, LongSupplier bytes) {
        return scope.subscribeInline(TOPIC, sum -> sum.bytes += bytes.getAsLong());
    }
}
