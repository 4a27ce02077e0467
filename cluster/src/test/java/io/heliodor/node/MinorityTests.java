package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.election.Election;
import io.heliodor.process.Inbox;
import io.heliodor.process.Name;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.PubSubEnd;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

class MinorityTests {
    private record Word(String text) {}

    private static ConditionFactory eventually() {
        return Awaitility.await().atMost(Duration.ofSeconds(20));
    }

    private static void stand(MemoryCluster cluster, int... nodes) {
        for (int node : nodes) {
            cluster.node(node).election("e").whileLeading(_ -> new CountDownLatch(1).await());
        }
    }

    private static List<Integer> leading(MemoryCluster cluster, int size) {
        return IntStream.range(0, size)
                .filter(node -> cluster.node(node).election("e").leading())
                .boxed()
                .toList();
    }

    @Test
    void theSmallerSideHasNoLeaderUntilTheSplitHeals() {
        try (MemoryCluster cluster = MemoryCluster.of(5, Minority.STOP_DUTIES)) {
            stand(cluster, 0, 1, 2, 3, 4);
            eventually().until(() -> leading(cluster, 5).equals(List.of(0)));
            cluster.view(0, 0, 1);
            cluster.view(2, 2, 3, 4);
            eventually().until(() -> leading(cluster, 5).equals(List.of(2)));
            cluster.awaitView(0, 1);
            assertThat(cluster.node(0).election("e").leader()).isEmpty();
            assertThat(cluster.node(1).election("e").leader()).isEmpty();
            cluster.view(2, 2, 3, 4, 0, 1);
            cluster.awaitView(0, 1, 2, 3, 4);
            cluster.node(2).election("e").close();
            eventually().until(() -> leading(cluster, 5).size() == 1);
        }
    }

    @Test
    void aCandidateOfTheSmallerSideStandsWhenTheSplitHeals() {
        try (MemoryCluster cluster = MemoryCluster.of(3, Minority.STOP_DUTIES)) {
            cluster.view(0, 0);
            cluster.view(1, 1, 2);
            cluster.awaitView(0);
            stand(cluster, 0);
            // The registration follows the candidacy on the loop of that node.
            Name<Word> name = Name.of("behind", Word.class);
            cluster.node(0)
                    .registry()
                    .register(name, cluster.node(0).spawn(Word.class, Inbox::receive))
                    .orThrow();
            assertThat(leading(cluster, 3)).isEmpty();
            cluster.view(1, 1, 2, 0);
            eventually().until(() -> leading(cluster, 3).equals(List.of(0)));
        }
    }

    @Test
    void halfOfTheNodesAreAMinority() {
        try (MemoryCluster cluster = MemoryCluster.of(4, Minority.STOP_DUTIES)) {
            stand(cluster, 0, 2);
            eventually().until(() -> leading(cluster, 4).equals(List.of(0)));
            cluster.view(0, 0, 1);
            cluster.view(2, 2, 3);
            eventually().until(() -> leading(cluster, 4).isEmpty());
        }
    }

    @Test
    void membersThatLeftDoNotCount() {
        try (MemoryCluster cluster = MemoryCluster.of(3, Minority.STOP_DUTIES)) {
            stand(cluster, 2);
            Election election = cluster.node(2).election("e");
            eventually().until(election::leading);
            cluster.node(0).close();
            cluster.node(1).close();
            cluster.view(2, 2);
            cluster.awaitView(2);
            assertThat(election.leading()).isTrue();
        }
    }

    @Test
    void theSmallerSideClosesItself() {
        try (MemoryCluster cluster = MemoryCluster.of(3, Minority.CLOSE)) {
            cluster.view(0, 0);
            cluster.view(1, 1, 2);
            eventually().until(() -> cluster.node(0).ended().isDone());
            assertThat(cluster.node(0).ended()).isCompletedWithValue(new Ending.InMinority(List.of("n0@host")));
            assertThat(ClusterPubSub.of(cluster.node(0).pubsub()).ended())
                    .contains(
                            new PubSubEnd("minority", "Node n0@host has ended: it is in a minority, with [n0@host]."));
            assertThat(cluster.node(1).ended()).isNotDone();
        }
    }

    @Test
    void aNodeThatDisconnectsIsInNoMinority() {
        try (MemoryCluster cluster = MemoryCluster.of(3, Minority.CLOSE)) {
            cluster.node(0).disconnect();
            cluster.awaitView(0);
            assertThat(cluster.node(0).ended()).isNotDone();
        }
    }
}
