package io.heliodor.node.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.codec.Codecs;
import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.node.NoPeers;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.protocol.ReplicatedMaps;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.TopicAddress;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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
            2 + RemoteInterest.BUCKETS);

    @AutoClose
    private final Time time = Time.machine("test");

    private final NodeLoop loop = new NodeLoop("test", Thread.ofPlatform().daemon(), () -> {}, () -> {});
    private final Codecs codecs = Codecs.builder().build();
    private final NodeTransport transport = new NodeTransport(
            loop,
            time,
            maps,
            acks,
            () -> {
                throw new AssertionError("there are no peers");
            },
            codecs,
            new EnumCounters<>(NodeCounter.class),
            scopes -> ClusterPubSub.nodesOf(PubSub.local()),
            2);
    private final PubSub pubsub = transport.pubsub();

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
    void topicsOverTheLimitAreListedByTheirBuckets() {
        loop.start();
        subscribe("1");
        Subscription listed = subscribe("2");
        Subscription third = subscribe("3");
        Subscription fourth = subscribe("4");
        assertThat(fourth.ready()).succeedsWithin(Duration.ofSeconds(20));
        awaitListed("1", "2", RemoteInterest.bucket("3"), RemoteInterest.bucket("4"));
        third.close();
        awaitListed("1", "2", RemoteInterest.bucket("4"));
        fourth.close();
        awaitListed("1", "2");
        listed.close();
        subscribe("5");
        awaitListed("1", "5");
    }

    private Publish message(String text) {
        return new Publish(
                new TopicAddress(List.of(), "news"),
                codecs.of(Type.of(String.class)).encode(text));
    }

    /** A peer leaves the view and returns while a message of it is being delivered. */
    @Test
    void onePeerHasOneQueue() throws InterruptedException {
        Peer peer = new Peer("b@host", 1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Map<String, Thread> deliveries = new ConcurrentHashMap<>();
        pubsub.subscribeInline(Topic.of("news", String.class), text -> {
            deliveries.put(text, Thread.currentThread());
            begun.countDown();
            awaitUninterruptibly(released);
        });
        transport.received(peer, message("1"), "");
        begun.await();
        transport.view(new View(new ViewId(1, SELF), List.of(SELF), false));
        transport.received(peer, message("2"), "");
        released.countDown();
        await().atMost(Duration.ofSeconds(20)).until(() -> deliveries.size() == 2);
        assertThat(deliveries.get("2")).isSameAs(deliveries.get("1"));
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            transport.view(new View(new ViewId(2, SELF), List.of(SELF), false));
            assertThat(transport.queues()).isZero();
        });
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
