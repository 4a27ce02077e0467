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

/** The other nodes with interest in a topic, as a node sees them. */
@Timeout(60)
class InterestAcrossTests {
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

    private List<String> interested(PubSub at) {
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
    void aNodeWithASubscriptionIsInterestedInItsTopic() {
        subscribe(pubsub(A));
        subscribe(pubsub(B));
        assertThat(interested(pubsub(A))).containsExactly(B);
        assertThat(interested(pubsub(B))).containsExactly(A);
        assertThat(interested(pubsub(C))).containsExactly(A, B);
    }

    @Test
    void theInterestIsInTheTopicOfTheScope() {
        subscribe(pubsub(B).scope("chat"));
        assertThat(interested(pubsub(A))).isEmpty();
        assertThat(interested(pubsub(A).scope("chat"))).containsExactly(B);
    }

    @Test
    void aNodeWithoutASubscriptionIsNotInterestedAnyMore() {
        Subscription subscription = pubsub(B).subscribe(NEWS, message -> {});
        cluster.await(() -> subscription.ready().isDone());
        subscription.close();
        cluster.await(() -> {
            cluster.advance(Duration.ofSeconds(1));
            return interested(pubsub(A)).isEmpty();
        });
    }

    @Test
    void aNodeThatHasLeftIsNotInterested() {
        subscribe(pubsub(B));
        cluster.partition(List.of(A, C), List.of(B));
        cluster.await(() -> interested(pubsub(A)).isEmpty());
        cluster.heal();
        cluster.await(() -> interested(pubsub(A)).equals(List.of(B)));
    }
}
