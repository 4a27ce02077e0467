package io.heliodor.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.gossip.Copy;
import io.heliodor.gossip.Gossip;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.ClusterKit;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The last endpoint of a node is closed, and others do not get that it took its entries back. */
@Timeout(60)
class MissedEndTests {
    private static final String A = "a@host";
    private static final String B = "b@host";

    /** Keeps nothing. */
    private static final class Silent implements Copy<Contribution> {
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
        public Collection<Contribution> after(String key) {
            return List.of();
        }

        @Override
        public long hash() {
            return 0;
        }
    }

    @Test
    void whatItAddedGoesAfterAWhile() {
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join((Join<Object> join) -> Join.ok(0)).build())
                .build();
        try (ClusterKit cluster = ClusterKit.start(A, B);
                ChannelKit b = ChannelKit.builder(socket).node(cluster, B).start()) {
            PubSub scope = cluster.node(A).pubsub().scope("heliodor.groups");
            var gossip =
                    new Gossip<>("contributions", scope, Contribution.class, new ContributionFormat(), new Silent());
            Contributions writer = new Contributions(scope.nodes().self(), 7, false);
            cluster.await(() ->
                    gossip.copies().contains(cluster.node(B).pubsub().nodes().self()));
            gossip.tell(writer.add("staff", List.of("room:a")).orElseThrow());
            cluster.await(() -> b.groups().find("staff").isPresent());
            gossip.close();
            cluster.await(() -> b.groups().find("staff").isEmpty());
            assertThat(b.groups().names()).isEmpty();
        }
    }
}
