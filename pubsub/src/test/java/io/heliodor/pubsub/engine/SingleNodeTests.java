package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class SingleNodeTests {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    private final Nodes nodes = ClusterPubSub.nodesOf(pubsub);

    @Test
    void noOtherNodeIsInterestedInATopic() {
        assertThat(ClusterPubSub.nodesOf(pubsub).interestedIn(Topic.of("news", String.class)))
                .isEmpty();
    }

    @Test
    void aPubSubOfOneJvmHasOneNode() {
        assertThat(nodes.members()).containsExactly(nodes.self());
        assertThat(ClusterPubSub.nodesOf(pubsub.scope("a")).self()).isEqualTo(nodes.self());
        try (PubSub other = PubSub.local()) {
            assertThat(ClusterPubSub.nodesOf(other).self()).isNotEqualTo(nodes.self());
        }
    }

    @Test
    void itRespondsToItself() {
        nodes.handle("twice", request -> new byte[] {request[0], request[0]});
        assertThat(nodes.request(nodes.self(), "twice", new byte[] {7}, PATIENCE))
                .hasValueSatisfying(answer -> assertThat(answer).containsExactly(7, 7));
    }

    @Test
    void thereIsNoResponseOfOthersOrUnderOtherNames() {
        nodes.handle("a", request -> request);
        nodes.handle("fails", request -> {
            throw new IllegalArgumentException("no");
        });
        assertThat(nodes.request(new NodeId("other", 1), "a", new byte[1], PATIENCE))
                .isEmpty();
        assertThat(nodes.request(nodes.self(), "b", new byte[1], PATIENCE)).isEmpty();
        assertThat(nodes.request(nodes.self(), "fails", new byte[1], PATIENCE)).isEmpty();
        assertThat(ClusterPubSub.nodesOf(pubsub.scope("s")).request(nodes.self(), "a", new byte[1], PATIENCE))
                .isEmpty();
    }

    @Test
    void aSharedNamePassesToTheNextHandlerWhenTheFirstOneIsClosed() {
        Subscription first = nodes.share("a", request -> new byte[] {1});
        Subscription second = nodes.share("a", request -> new byte[] {2});
        Subscription third = nodes.share("a", request -> new byte[] {3});
        assertThat(nodes.handleIfFree("a", request -> request)).isEmpty();
        assertThat(nodes.request(nodes.self(), "a", new byte[0], PATIENCE).orElseThrow())
                .containsExactly(1);
        second.close();
        first.close();
        first.close();
        assertThat(nodes.request(nodes.self(), "a", new byte[0], PATIENCE).orElseThrow())
                .containsExactly(3);
        third.close();
        assertThat(nodes.request(nodes.self(), "a", new byte[0], PATIENCE)).isEmpty();
        assertThat(nodes.handleIfFree("a", request -> request)).isPresent();
    }

    @Test
    void aNameHasOneHandler() {
        nodes.handle("a", request -> request);
        assertThatIllegalStateException()
                .isThrownBy(() -> nodes.handle("a", request -> request))
                .withMessage("There is a handler of requests to \"a\" already.");
    }
}
