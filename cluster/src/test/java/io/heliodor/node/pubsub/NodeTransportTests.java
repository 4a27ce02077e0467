package io.heliodor.node.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.codec.Codecs;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.node.NoPeers;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.process.engine.Counters;
import io.heliodor.protocol.ReplicatedMaps;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.Nodes;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class NodeTransportTests {
    private static final Peer SELF = new Peer("a@host", 1);

    private final PendingRequests<Boolean> acks = new PendingRequests<>();
    private final ReplicatedMaps maps = new ReplicatedMaps(
            SELF,
            new NoPeers() {
                @Override
                public void acked(long ticket, boolean all) {
                    acks.complete(ticket, all);
                }
            },
            3);

    @AutoClose
    private final Time time = Time.machine("test");

    private final NodeLoop loop = new NodeLoop("test", () -> {}, () -> {});
    private final PubSub pubsub = new NodeTransport(
                    loop,
                    time,
                    maps,
                    acks,
                    () -> {
                        throw new AssertionError("there are no peers");
                    },
                    Codecs.builder().build(),
                    new Counters(),
                    scopes -> Nodes.of(PubSub.local()),
                    2)
            .pubsub();

    @AfterEach
    void end() {
        loop.close();
    }

    private Subscription subscribe(String topic) {
        return pubsub.subscribe(Topic.of(topic, String.class), message -> {});
    }

    private void awaitListed(String... keys) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            CompletableFuture<Set<String>> listed = new CompletableFuture<>();
            loop.execute(() -> listed.complete(
                    Set.copyOf(maps.entries(LocalInterest.MAP, SELF).keySet())));
            assertThat(listed.get()).containsExactlyInAnyOrder(keys);
        });
    }

    @Test
    void aNodeWithMoreTopicsThanTheLimitReceivesAllTopics() {
        loop.start();
        subscribe("1");
        Subscription listed = subscribe("2");
        Subscription third = subscribe("3");
        Subscription fourth = subscribe("4");
        assertThat(fourth.ready()).succeedsWithin(Duration.ofSeconds(20));
        awaitListed("1", "2", RemoteInterest.EVERYTHING);
        third.close();
        awaitListed("1", "2", RemoteInterest.EVERYTHING);
        fourth.close();
        awaitListed("1", "2");
        listed.close();
        subscribe("5");
        awaitListed("1", "5");
    }
}
