package io.heliodor.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.gossip.Gossip;
import io.heliodor.gossip.GossipReplica;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.testkit.ClusterKit;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The last endpoint of a node is closed, and the message that removes its entries is lost. */
@Timeout(60)
class MissedEndTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";

    /** A replica without entries. */
    private static final class Silent implements GossipReplica<Contribution> {
        @Override
        public void merge(Contribution contribution) {}

        @Override
        public String key(Contribution contribution) {
            return contribution.key();
        }

        @Override
        public long hash(Contribution contribution) {
            return 0;
        }

        @Override
        public Collection<Contribution> all() {
            return List.of();
        }

        @Override
        public long hash() {
            return 0;
        }
    }

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    private final Groups b = serve(B);
    private final Groups c = serve(C);

    @AfterEach
    void close() {
        b.close();
        c.close();
        cluster.close();
    }

    private Groups serve(String node) {
        return Groups.over(cluster.node(node).pubsub());
    }

    /** Adds a group by a writer on A, which ends without a message. */
    private void addAndEnd() {
        PubSub scope = cluster.node(A).pubsub().scope("heliodor.groups");
        Contributions writer = new Contributions(ClusterPubSub.nodesOf(scope).self(), 7);
        try (var gossip =
                new Gossip<>("contributions", scope, Contribution.class, new ContributionFormat(), new Silent())) {
            cluster.await(() -> gossip.replicaNodes().size() == 2);
            gossip.publish(writer.add("staff", List.of("room:a")).orElseThrow());
            cluster.await(
                    () -> Stream.of(b, c).allMatch(each -> each.find("staff").isPresent()));
        }
    }

    private void isGone() {
        cluster.await(() -> Stream.of(b, c).allMatch(each -> each.names().isEmpty()));
    }

    @Test
    void entriesOfTheEndedEndpointAreRemovedAfterAWhileAndDoNotReturn() {
        addAndEnd();
        isGone();
        cluster.advance(Duration.ofMinutes(2));
        assertThat(b.names()).isEmpty();
        assertThat(c.names()).isEmpty();
    }

    @Test
    void theNextEndpointOfTheNodeRemovesThoseEntries() {
        addAndEnd();
        try (Groups a = serve(A)) {
            cluster.await(() -> a.names().isEmpty());
            isGone();
        }
    }
}
