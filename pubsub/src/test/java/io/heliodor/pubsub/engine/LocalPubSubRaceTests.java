package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Threads that subscribe, publish and close at the same time. */
class LocalPubSubRaceTests {
    private static final int THREADS = 8;
    private static final int ROUNDS = 5_000;
    private static final List<Topic<Integer>> TOPICS =
            Stream.of("a", "b", "c").map(name -> Topic.of(name, Integer.class)).toList();

    @Test
    void noMessageToALiveSubscriptionIsLostWhileOthersComeAndGo() throws Exception {
        try (LocalPubSub pubsub = LocalPubSub.open(THREADS * ROUNDS)) {
            var inline = new AtomicInteger();
            var queued = new AtomicInteger();
            List<Subscription> lasting = TOPICS.stream()
                    .flatMap(topic -> Stream.of(
                            pubsub.subscribeInline(topic, sender -> inline.incrementAndGet()),
                            pubsub.subscribe(topic, sender -> queued.incrementAndGet())))
                    .toList();

            atOnce(thread -> comeAndGo(pubsub, thread));

            assertThat(inline).hasValue(THREADS * ROUNDS);
            PubSubContract.eventually().untilAsserted(() -> assertThat(queued).hasValue(THREADS * ROUNDS));
            assertThat(TOPICS)
                    .allSatisfy(topic -> assertThat(pubsub.count(topic.name())).isEqualTo(2));
            lasting.forEach(Subscription::close);
            assertThat(pubsub.table().isEmpty()).isTrue();
        }
    }

    @Test
    void aSubscriptionGetsAllMessagesFromItsFirstMomentToItsLast() throws Exception {
        try (LocalPubSub pubsub = LocalPubSub.open(THREADS * ROUNDS)) {
            atOnce(thread -> comeAndGo(pubsub, thread));

            assertThat(pubsub.table().isEmpty()).isTrue();
        }
    }

    /** Each round publishes once, to its own subscription and to others. */
    private static void comeAndGo(PubSub pubsub, int thread) {
        for (int round = 0; round < ROUNDS; round++) {
            Topic<Integer> topic = TOPICS.get(round % TOPICS.size());
            var own = new AtomicInteger();
            Subscription queued = pubsub.subscribe(topic, sender -> {});
            Subscription inline = pubsub.subscribeInline(topic, sender -> {
                if (sender == thread) {
                    own.incrementAndGet();
                }
            });
            pubsub.broadcast(topic, thread);
            inline.close();
            queued.close();
            assertThat(own)
                    .as("own messages of thread %d in round %d", thread, round)
                    .hasValue(1);
        }
    }

    @Test
    void nothingIsSubscribedAfterAConcurrentClose() throws Exception {
        for (int round = 0; round < 500; round++) {
            LocalPubSub pubsub = LocalPubSub.open(10);
            var made = new ConcurrentLinkedQueue<LocalPubSub>();

            atOnce(thread -> {
                try {
                    if (thread == 0) {
                        pubsub.close();
                    } else if (thread % 2 == 0) {
                        pubsub.subscribe(TOPICS.get(0), sender -> {});
                    } else {
                        var scope = (LocalPubSub) pubsub.scope("scope");
                        made.add(scope);
                        scope.subscribe(TOPICS.get(0), sender -> {});
                    }
                } catch (IllegalStateException closed) {
                    assertThat(closed).hasMessageContaining("is closed");
                }
            });

            assertThat(pubsub.table().isEmpty()).isTrue();
            assertThat(made)
                    .allSatisfy(scope -> assertThat(scope.table().isEmpty()).isTrue());
        }
    }

    private interface Part {
        void run(int thread) throws Exception;
    }

    private static void atOnce(Part part) throws Exception {
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            List<Callable<Void>> parts = IntStream.range(0, THREADS)
                    .<Callable<Void>>mapToObj(thread -> () -> {
                        part.run(thread);
                        return null;
                    })
                    .toList();
            for (Future<Void> one : threads.invokeAll(parts, 60, TimeUnit.SECONDS)) {
                one.get();
            }
        }
    }
}
