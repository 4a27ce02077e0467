package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.node.Node;
import io.heliodor.node.Statistic;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rule 1 of docs/design/across-publish.md: who waits for a full queue. */
@Timeout(60)
class PublishToFullQueueTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final Topic<String> NEWS = Topic.of("news", String.class);

    private final ClusterKit cluster =
            ClusterKit.builder().nodes(A, B, C).capacity(FullQueue.CAPACITY).start();
    private final Node publisher = cluster.node(A);
    private final List<String> got = new CopyOnWriteArrayList<>();
    private final List<String> gotByOther = new CopyOnWriteArrayList<>();

    @BeforeEach
    void subscribe() {
        Subscription subscription = cluster.node(B).pubsub().subscribe(NEWS, got::add);
        Subscription other = cluster.node(C).pubsub().subscribe(NEWS, gotByOther::add);
        cluster.await(() -> subscription.ready().isDone() && other.ready().isDone());
        FullQueue.fill(cluster, A, B);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private long lost() {
        return publisher.statistic(Statistic.PUBLISH_LOST);
    }

    private CompletableFuture<?> publish() {
        return cluster.async(() -> {
            publisher.pubsub().broadcast(NEWS, "late");
            return true;
        });
    }

    @Test
    void aVirtualThreadWaitsUntilThereIsRoom() {
        long before = lost();
        CompletableFuture<?> published = publish();
        cluster.advance(Duration.ofMillis(100));
        assertThat(published).isNotDone();
        cluster.release(A, B);
        cluster.await(published::isDone);
        cluster.await(() -> got.contains("late"));
        assertThat(lost()).isEqualTo(before);
    }

    @Test
    void butNotForANodeThatConfirmsNothing() {
        long before = lost();
        CompletableFuture<?> published = publish();
        cluster.advance(Duration.ofMillis(500));
        assertThat(published).isDone();
        assertThat(lost()).isEqualTo(before + 1);
    }

    /** Ten messages, which a publisher sends one after the other. */
    @Test
    void aNodeThatReadsNothingDelaysTheMessagesToOthersBy200MsOnce() {
        long before = lost();
        CompletableFuture<?> published = cluster.async(() -> {
            for (int i = 0; i < 10; i++) {
                publisher.pubsub().broadcast(NEWS, "m" + i);
            }
            return true;
        });
        cluster.advance(Duration.ofMillis(150));
        assertThat(published).isNotDone();
        cluster.advance(Duration.ofMillis(150));
        assertThat(published).as("all ten").isDone();
        cluster.advance(Duration.ofMillis(10));
        assertThat(gotByOther).hasSize(10);
        assertThat(lost()).isEqualTo(before + 10);
    }

    @Test
    void aThreadThatMayBeAnEventLoopDoesNotWait() {
        long before = lost();
        Duration elapsed = cluster.elapsed();
        publisher.pubsub().broadcast(NEWS, "late");
        assertThat(cluster.elapsed()).isEqualTo(elapsed);
        assertThat(lost()).isEqualTo(before + 1);
    }
}
