package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class LocalPubSubTests {
    @Nested
    class Delivery extends DeliveryContract {
        @Override
        PubSub open(int mailbox) {
            return PubSub.local(mailbox);
        }
    }

    @Nested
    class Subscribers extends SubscriberContract {
        @Override
        PubSub open(int mailbox) {
            return PubSub.local(mailbox);
        }
    }

    @Nested
    class Scopes extends ScopeContract {
        @Override
        PubSub open(int mailbox) {
            return PubSub.local(mailbox);
        }
    }

    @Nested
    class Closing extends CloseContract {
        @Override
        PubSub open(int mailbox) {
            return PubSub.local(mailbox);
        }
    }

    @Test
    void aSubscriberThatFailsAtEachMessageIsLoggedAtARate() {
        RecordedLog.clear();
        PubSub pubsub = PubSub.local();
        Topic<Integer> topic = Topic.of("failing", Integer.class);
        pubsub.subscribeInline(topic, message -> {
            throw new IllegalStateException("on purpose");
        });
        IntStream.range(0, 1_000).forEach(i -> pubsub.broadcast(topic, i));
        assertThat(RecordedLog.lines(Level.ERROR, "A subscriber of topic \"failing\" failed"))
                .hasSizeBetween(20, 60);
    }

    @Test
    void aMailboxHoldsAtLeastOneMessage() {
        assertThatIllegalArgumentException().isThrownBy(() -> PubSub.local(0)).withMessageContaining("not 0");
    }

    @Test
    void tenThousandMessagesWaitByDefault() throws Exception {
        var gate = new Gate();
        Topic<Integer> topic = Topic.of("default mailbox", Integer.class);
        try (PubSub pubsub = PubSub.local()) {
            Subscription subscription = pubsub.subscribe(topic, number -> gate.pass());
            pubsub.broadcast(topic, 0);
            gate.awaitWaiter();

            IntStream.range(0, 10_000).forEach(number -> pubsub.broadcast(topic, number));
            assertThat(subscription.dropped()).isZero();
            pubsub.broadcast(topic, 10_000);
            assertThat(subscription.dropped()).isEqualTo(1);
            gate.open();
        }
    }

    @Test
    void aSubscriptionIsReadyAtOnce() {
        try (PubSub pubsub = PubSub.local()) {
            Topic<String> topic = Topic.of("ready", String.class);
            assertThat(pubsub.subscribe(topic, message -> {}).ready()).isCompleted();
        }
    }

    @Test
    void aMillionTopicsComeAndGoAndLeaveNothing() {
        try (LocalPubSub pubsub = LocalPubSub.open(10)) {
            for (int i = 0; i < 1_000_000; i++) {
                Topic<String> topic = Topic.of("topic " + i, String.class);
                pubsub.broadcast(topic, "nobody is here");
                Subscription subscription = i % 2 == 0
                        ? pubsub.subscribe(topic, message -> {})
                        : pubsub.subscribeInline(topic, message -> {});
                subscription.close();
            }

            assertThat(pubsub.table().isEmpty()).isTrue();
        }
    }

    @Test
    void aBroadcastAllocatesNothingForItsInlineSubscribers() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var calls = new AtomicInteger();
        Topic<String> topic = Topic.of("lean", String.class);
        try (PubSub pubsub = PubSub.local()) {
            IntStream.range(0, 1_000).forEach(i -> pubsub.subscribeInline(topic, message -> calls.incrementAndGet()));
            pubsub.broadcast(topic, "warm-up");

            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) {
                pubsub.broadcast(topic, "x");
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertThat(calls).hasValue(1_001_000);
            assertThat(allocated).as("bytes for a million calls").isLessThan(1_000_000);
        }
    }

    /** Bytes are a measure of the copied slots: they do not depend on the machine. */
    @Test
    void subscribingToATopicAndClosingAllocatesInProportionToHowManyDo() {
        long few = allocatedBySubscribing(2_000);
        long many = allocatedBySubscribing(20_000);
        assertThat((double) many / few).as("growth for ten times as many").isLessThan(15);
    }

    private static long allocatedBySubscribing(int count) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Topic<String> topic = Topic.of("many", String.class);
        try (PubSub pubsub = PubSub.local()) {
            long before = threads.getCurrentThreadAllocatedBytes();
            List<Subscription> all = IntStream.range(0, count)
                    .mapToObj(i -> pubsub.subscribeInline(topic, message -> {}))
                    .toList();
            all.forEach(Subscription::close);
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }

    @Test
    void eachFailedCallIsLoggedOnce() {
        Topic<String> topic = Topic.of("fails", String.class);
        try (PubSub pubsub = PubSub.local()) {
            pubsub.subscribeInline(topic, message -> {
                throw new Exception("inline " + message);
            });
            pubsub.subscribe(topic, message -> {
                throw new Exception("mailbox " + message);
            });

            pubsub.broadcast(topic, "1");
            pubsub.broadcast(topic, "2");

            PubSubContract.eventually()
                    .untilAsserted(() -> assertThat(RecordedLog.linesAbout("\"fails\""))
                            .allSatisfy(line -> assertThat(line.level()).isEqualTo(Level.ERROR))
                            .extracting(line -> line.thrown().getMessage())
                            .containsExactlyInAnyOrder("inline 1", "inline 2", "mailbox 1", "mailbox 2"));
        }
    }

    @Test
    void theBeginningOfDroppingIsLoggedAndNotEachMessage() throws Exception {
        var gate = new Gate();
        Topic<String> topic = Topic.of("floods", String.class);
        try (PubSub pubsub = PubSub.local(5)) {
            Subscription subscription = pubsub.subscribe(topic, message -> gate.pass());
            pubsub.broadcast(topic, "first");
            gate.awaitWaiter();

            IntStream.range(0, 100).forEach(i -> pubsub.broadcast(topic, "x"));

            assertThat(subscription.dropped()).isEqualTo(95);
            List<RecordedLog.Line> lines = RecordedLog.linesAbout("\"floods\"");
            assertThat(lines).singleElement().satisfies(line -> {
                assertThat(line.level()).isEqualTo(Level.WARN);
                assertThat(line.text()).contains("5 messages wait");
            });
            gate.open();
        }
    }
}
