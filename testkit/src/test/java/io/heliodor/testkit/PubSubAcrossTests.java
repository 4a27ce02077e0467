package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.node.Statistic;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Broadcasts to one node of a pub/sub, and counts over all of them. */
@Timeout(60)
class PubSubAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final Topic<String> NEWS = Topic.of("news", String.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    private final List<String> got = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        cluster.close();
    }

    private PubSub at(String node) {
        return cluster.node(node).pubsub().scope("desk");
    }

    private Subscription subscribe(String node) {
        Subscription subscription = at(node).subscribe(NEWS, message -> got.add(node + " " + message));
        cluster.await(() -> subscription.ready().isDone());
        return subscription;
    }

    @BeforeEach
    void subscribeAll() {
        subscribe(A);
        subscribe(B);
        subscribe(B);
        subscribe(C);
    }

    private int countAll(String from) {
        var counting = cluster.async(() -> at(from).countAll("news", PATIENCE));
        cluster.await(counting::isDone);
        return counting.join();
    }

    @Test
    void subscriptionsOfAllNodesAreCounted() {
        for (String node : List.of(A, B, C)) {
            assertThat(countAll(node)).isEqualTo(4);
        }
        assertThat(at(B).count("news")).isEqualTo(2);
        cluster.node(A).pubsub().scope("desk").close();
        assertThat(countAll(B)).isEqualTo(3);
        subscribe(A);
        assertThat(countAll(B)).isEqualTo(4);
    }

    @Test
    void aNodeThatDoesNotAnswerCountsNothing() {
        cluster.pause(C);
        assertThat(countAll(A)).isEqualTo(3);
    }

    @Test
    void aMessageForOneNodeReachesItsSubscribersAlone() {
        String b = B;
        assertThat(at(A).broadcastTo(b, NEWS, "for b")).isTrue();
        cluster.await(() -> got.size() == 2);
        assertThat(at(B).broadcastTo(b, NEWS, "of b")).isTrue();
        cluster.await(() -> got.size() == 4);
        at(A).broadcast(NEWS, "for all");
        cluster.await(() -> got.size() == 8);
        assertThat(got).filteredOn(each -> each.endsWith(" for b")).containsOnly("b@host for b");
        assertThat(got).filteredOn(each -> each.endsWith(" of b")).containsOnly("b@host of b");
        assertThat(at(A).broadcastTo("nowhere@host", NEWS, "lost")).isFalse();
        assertThatThrownBy(() -> at(A).broadcastTo(b, Topic.of("news", Integer.class), 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMessageOfThisNodeMayLeaveOneSubscriptionOut() {
        Subscription own = at(B).subscribe(NEWS, message -> got.add("own " + message));
        at(B).broadcastLocallyFrom(own, NEWS, "here");
        cluster.await(() -> got.size() == 2);
        at(B).broadcastLocally(NEWS, "last");
        cluster.await(() -> got.size() == 5);
        assertThat(got).doesNotContain("own here").contains("own last");
        assertThat(got).noneMatch(each -> each.startsWith(A) || each.startsWith(C));
    }

    @Test
    void aSubscriptionDoesNotWaitForASuspect() throws Exception {
        cluster.pause(B);
        cluster.advance(Duration.ofSeconds(5));
        long late = cluster.node(A).statistic(Statistic.INTEREST_LATE);
        Subscription subscription = at(A).subscribe(Topic.of("sports", String.class), got::add);
        // The clock stands still, so a wait would not end.
        subscription.ready().get(30, TimeUnit.SECONDS);
        assertThat(cluster.node(A).statistic(Statistic.INTEREST_LATE)).isEqualTo(late + 1);
    }
}
