package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node knows which other nodes want a topic. */
@Timeout(60)
class WantingAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final Topic<String> NEWS = Topic.of("news", String.class);

    private final ClusterKit cluster = ClusterKit.start(A, B, C);

    @AfterEach
    void close() {
        cluster.close();
    }

    private PubSub pubsub(String node) {
        return cluster.node(node).pubsub();
    }

    private List<String> wanting(PubSub at) {
        return Nodes.of(at).interestedIn(NEWS).stream()
                .map(NodeId::name)
                .sorted()
                .toList();
    }

    private void subscribe(PubSub at) {
        Subscription subscription = at.subscribe(NEWS, message -> {});
        cluster.await(() -> subscription.ready().isDone());
    }

    @Test
    void aNodeWithASubscriptionWantsItsTopic() {
        subscribe(pubsub(A));
        subscribe(pubsub(B));
        assertThat(wanting(pubsub(A))).containsExactly(B);
        assertThat(wanting(pubsub(B))).containsExactly(A);
        assertThat(wanting(pubsub(C))).containsExactly(A, B);
    }

    @Test
    void itIsTheTopicOfTheScope() {
        subscribe(pubsub(B).scope("chat"));
        assertThat(wanting(pubsub(A))).isEmpty();
        assertThat(wanting(pubsub(A).scope("chat"))).containsExactly(B);
    }

    @Test
    void aNodeWithoutASubscriptionWantsItNoMore() {
        Subscription subscription = pubsub(B).subscribe(NEWS, message -> {});
        cluster.await(() -> subscription.ready().isDone());
        subscription.close();
        cluster.await(() -> {
            cluster.advance(Duration.ofSeconds(1));
            return wanting(pubsub(A)).isEmpty();
        });
    }

    @Test
    void aNodeThatHasLeftWantsNothing() {
        subscribe(pubsub(B));
        cluster.partition(List.of(A, C), List.of(B));
        cluster.await(() -> wanting(pubsub(A)).isEmpty());
        cluster.heal();
        cluster.await(() -> wanting(pubsub(A)).equals(List.of(B)));
    }
}
