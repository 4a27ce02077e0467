package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.node.Statistic;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
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
        return ClusterPubSub.nodesOf(at).interestedIn(NEWS).stream()
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

    /** A node that lists no topic by its name gets the messages of all by their hashes, and drops those without a subscription. */
    @Test
    void topicsThatANodeDoesNotListByNameAreReached() {
        try (ClusterKit small = ClusterKit.builder().nodes(A, B, C).maxTopics(1).start()) {
            List<String> received = new CopyOnWriteArrayList<>();
            List<Topic<String>> topics = IntStream.range(0, 20)
                    .mapToObj(i -> Topic.of("news " + i, String.class))
                    .toList();
            PubSub at = small.node(B).pubsub();
            List<Subscription> subscriptions = topics.stream()
                    .map(topic -> at.subscribe(topic, received::add))
                    .toList();
            small.await(() -> subscriptions.stream()
                    .allMatch(subscription -> subscription.ready().isDone()));
            assertThat(small.node(B).statistic(Statistic.TOPICS_UNLISTED)).isEqualTo(19);
            PubSub from = small.node(A).pubsub();
            topics.forEach(topic -> from.broadcast(topic, topic.name()));
            from.broadcast(Topic.of("of nobody", String.class), "of nobody");
            small.await(() -> received.size() == 20);
            assertThat(received)
                    .containsExactlyInAnyOrderElementsOf(
                            topics.stream().map(Topic::name).toList());
            subscriptions.forEach(Subscription::close);
            small.await(() -> {
                small.advance(Duration.ofSeconds(1));
                return topics.stream()
                        .allMatch(topic ->
                                ClusterPubSub.nodesOf(from).interestedIn(topic).isEmpty());
            });
        }
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
