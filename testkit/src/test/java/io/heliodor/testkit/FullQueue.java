package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.time.Duration;

/** The queue of one node for another one, which is full: messages are dropped, and the session between them lasts. */
final class FullQueue {
    /** In place of 4 MiB. */
    static final int CAPACITY = 64 << 10;

    private static final Topic<String> FILLER = Topic.of("filler", String.class);

    private FullQueue() {}

    /** Holds the messages of a node of a cluster with this capacity for another one, and fills its queue. */
    static void fill(ClusterKit cluster, String from, String to) {
        Subscription subscription = cluster.node(to).pubsub().subscribe(FILLER, _ -> {});
        cluster.await(subscription.ready()::isDone);
        // A message that is not confirmed would age: no publisher waits for a node that has confirmed nothing lately.
        cluster.await(() -> cluster.queuedBytes(from, to) == 0);
        cluster.delay(from, to);
        Duration elapsed = cluster.elapsed();
        for (int size = CAPACITY / 2; size > 8; size /= 2) {
            for (int i = 0; i < 2; i++) {
                cluster.node(from).pubsub().broadcast(FILLER, "x".repeat(size));
            }
        }
        // Else the node counts as one without progress by now, and no later publisher waits either.
        assertThat(cluster.elapsed()).as("this thread may be an event loop").isEqualTo(elapsed);
    }
}
