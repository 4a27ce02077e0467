package io.heliodor.session.retention;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.History;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.history.CausalStamp;
import io.heliodor.history.Dot;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.BroadcastFormat;
import io.heliodor.session.fanout.BroadcastTap;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The heap that the messages of a history take is not more than the heap that is counted for them. */
class KeptMemoryTests {
    private static final BroadcastFormat FORMAT = new BroadcastFormat();
    private static final String SAY = "say";
    private static final String LONG = "-".repeat(240);
    private static final long STREAM = 1L << 47;
    private static final int STREAMS = 60;
    private static final int TOPICS = 3_000;

    /** The error of the measurement of the heap for each message. */
    private static final long INEXACT = 10;

    private static final DeclaredHistories NOTHING = new DeclaredHistories() {
        @Override
        public Optional<History> history(String topic) {
            return Optional.empty();
        }

        @Override
        public Optional<History> history(String topic, String event) {
            return Optional.empty();
        }
    };

    /** The messages of a topic. One without a stamp is of this node; the others come from other nodes. */
    @SuppressWarnings("ImmutableEnumChecker") // its functions have no state
    enum Kind {
        OWN("room", SAY, 6_000, n -> Optional.empty()),
        OWN_LONG_NAMES(LONG, LONG, 6_000, n -> Optional.empty()),
        OF_ANOTHER_NODE("room", SAY, 6_000, n -> Optional.of(stamp(0, n))),
        OF_ANOTHER_NODE_LONG_NAMES(LONG, LONG, 6_000, n -> Optional.of(stamp(0, n))),
        OF_ANOTHER_NODE_OTHER_CHARACTERS("ключ", "ы".repeat(120), 6_000, n -> Optional.of(stamp(0, n))),
        OF_MANY_NODES(
                "room", SAY, 6_000, n -> Optional.of(n == 1 ? stamp(1, 1) : stamp(n % STREAMS, ceil(n), last(n, 1)))),
        OF_MANY_BUSY_NODES(
                "room",
                SAY,
                6_000,
                n -> Optional.of(n == 1 ? stamp(1, 1) : stamp(n % STREAMS, ceil(n), last(n, STREAMS - 1)))),
        OF_MANY_BUSY_NODES_WAITING(
                "room",
                SAY,
                200,
                n -> Optional.of(stamp(
                        0,
                        n + 1,
                        IntStream.range(1, STREAMS)
                                .mapToObj(stream -> new Dot(STREAM + stream, n))
                                .toArray(Dot[]::new)))),
        WAITING("room", SAY, 1_000, n -> Optional.of(stamp(0, n + 1)));

        private final String topic;
        private final String event;
        private final int messages;
        private final transient IntFunction<Optional<CausalStamp>> stamp;

        Kind(String topic, String event, int messages, IntFunction<Optional<CausalStamp>> stamp) {
            this.topic = topic;
            this.event = event;
            this.messages = messages;
            this.stamp = stamp;
        }
    }

    private static CausalStamp stamp(int stream, long counter, Dot... predecessors) {
        return new CausalStamp(new Dot(STREAM + stream, counter), true, List.of(predecessors));
    }

    /** The counter of a message if each stream has its turn. */
    private static long ceil(int n) {
        return Math.ceilDiv(n, STREAMS);
    }

    /** The last messages before one. */
    private static Dot[] last(int n, int count) {
        return IntStream.range(Math.max(1, n - count), n)
                .mapToObj(each -> new Dot(STREAM + each % STREAMS, ceil(each)))
                .toArray(Dot[]::new);
    }

    /** Bytes for each message. */
    private record Measured(long held, long counted) {
        boolean isCovered() {
            return held <= counted + INEXACT;
        }
    }

    /** Other threads of the JVM allocate meanwhile, which makes one measurement too large, but not three of them. */
    @ParameterizedTest
    @EnumSource
    void heapHeldIsNotMoreThanHeapCounted(Kind kind) {
        List<Measured> all = new ArrayList<>();
        do {
            all.add(measure(kind));
        } while (all.size() < 3 && !all.getLast().isCovered());
        assertThat(all).as("bytes of heap for each message").anyMatch(Measured::isCovered);
    }

    private Measured measure(Kind kind) {
        try (PubSub pubsub = PubSub.local()) {
            KeptTopics topics = topics(pubsub);
            keep(topics, kind, "warm", 100); // loads classes
            long before = heap();
            long countedBefore = topics.histories().bytes();
            KeptTopic topic = keep(topics, kind, kind.topic, kind.messages);
            long held = (heap() - before) / kind.messages;
            long counted = (topics.histories().bytes() - countedBefore) / kind.messages;
            assertThat(topics.fastlane().parts().memory().used())
                    .as("bytes of all messages in the budget of the endpoint")
                    .isEqualTo(topics.histories().bytes() + 2 * MemoryBudget.HISTORY_BYTES);
            assertThat(topic.replica().keepsMessages()).isTrue();
            topics.close();
            return new Measured(held, counted);
        }
    }

    @Test
    void aTopicWithAHistoryIsCounted() {
        try (PubSub pubsub = PubSub.local()) {
            KeptTopics topics = topics(pubsub);
            List<KeptTopic> kept = new ArrayList<>();
            kept.add(keep(topics, Kind.OWN, "warm", 1));
            long before = heap();
            long countedBefore = topics.fastlane().parts().memory().used();
            for (int i = 0; i < TOPICS; i++) {
                kept.add(keep(topics, Kind.OWN, "room " + i, 1));
            }
            assertThat((heap() - before) / TOPICS)
                    .as("bytes of heap held for each topic")
                    .isLessThanOrEqualTo(
                            (topics.fastlane().parts().memory().used() - countedBefore) / TOPICS + INEXACT);
            kept.forEach(KeptTopic::forget);
            assertThat(topics.fastlane().parts().memory().used()).isZero();
            topics.close();
        }
    }

    private static KeptTopics topics(PubSub pubsub) {
        long bytes = 1 << 30;
        return new KeptTopics(
                pubsub,
                PayloadCodec.strict(),
                new Counters(),
                () -> 1,
                bytes,
                TopicLimits.DEFAULTS,
                new MemoryBudget(bytes),
                NOTHING,
                (topic, event) -> {},
                0,
                BroadcastTap.NONE);
    }

    private static KeptTopic keep(KeptTopics topics, Kind kind, String topicName, int messages) {
        KeptTopic kept = topics.begin(
                topicName,
                new History(100_000, Duration.ofDays(1), 1 << 30, List.of(Event.of(kind.event, Raw.class))),
                true);
        FastlaneTopic topic = kept.topic();
        for (int n = 1; n <= messages; n++) {
            byte[] json = ("{\"number\":" + n + "}").getBytes(UTF_8);
            Broadcast broadcast = new Broadcast(kind.event, new Payload.Json(json, 0, json.length), null, null);
            Optional<CausalStamp> stamp = kind.stamp.apply(n);
            if (stamp.isEmpty()) {
                assertThat(topic.publish(broadcast)).isTrue();
            } else {
                byte[] message = FORMAT.write(broadcast.with(stamp.get()));
                topic.receive(FORMAT.read(message).orElseThrow());
            }
        }
        return kept;
    }

    private static long heap() {
        long least = Long.MAX_VALUE;
        for (int unchanged = 0; unchanged < 2; ) {
            System.gc();
            // Not the present usage: threads take whole blocks of the heap after the collection.
            long now = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                    .sum();
            unchanged = now < least - 10_000 ? 0 : unchanged + 1;
            least = Math.min(least, now);
        }
        return least;
    }
}
