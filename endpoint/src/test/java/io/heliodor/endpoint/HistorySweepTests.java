package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Histories without returning clients are dropped outside the event loops, however many there are. */
class HistorySweepTests extends LiveTest {
    private final Queue<Thread> sweepers = new ConcurrentLinkedQueue<>();
    private final CountDownLatch swept = new CountDownLatch(1);

    /** A pub/sub whose subscription to a kept topic ends only when the test permits it. */
    private PubSub watched(PubSub pubsub) {
        return (PubSub) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ClusterPubSub.class}, (proxy, method, arguments) -> {
                    Object result;
                    try {
                        result = method.invoke(pubsub, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    return switch (result) {
                        case PubSub scope -> watched(scope);
                        case Subscription each when each.toString().startsWith("Subscription[kept:") -> held(each);
                        case null, default -> result;
                    };
                });
    }

    private Subscription held(Subscription subscription) {
        return (Subscription) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Subscription.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        sweepers.add(Thread.currentThread());
                        swept.await();
                    }
                    return method.invoke(subscription, arguments);
                });
    }

    @Test
    void aSweepOfHistoriesBlocksNoEventLoop() {
        try (PubSub pubsub = PubSub.local()) {
            Live live = start(builder -> builder.pubsub(watched(pubsub))
                    .socket(
                            "/kept",
                            UserSocket.open()
                                    .channel(
                                            "kept:*",
                                            Channel.join(join -> Join.ok("a"))
                                                    .history(History.of(
                                                            10, Duration.ofMillis(1), Event.of("say", Raw.class)))
                                                    .build())
                                    .build()));
            closing(swept::countDown);
            RawClient other = open(live).joins("room:a");
            RawClient client = connect(live)
                    .send(RawClient.upgradeRequest("").replace("/socket/", "/kept/"))
                    .upgraded();
            client.sends("[\"1\",\"1\",\"kept:a\",\"phx_join\",{}]");
            assertThat(client.next().toString()).contains("\"recovered\":false");
            client.close();
            Live.eventually().until(() -> !sweepers.isEmpty());
            for (int i = 0; i < 100; i++) {
                other.echoes("room:a", String.valueOf(i));
            }
            assertThat(sweepers).hasSize(1).allMatch(Thread::isVirtual);
            swept.countDown();
            Live.eventually().until(() -> live.counters().get("channels") == 1);
        }
    }
}
