package io.heliodor.node.pubsub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.codec.Codecs;
import io.heliodor.counter.EnumCounters;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.PromptSubscriber;
import io.heliodor.pubsub.engine.TopicAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class PublishDeliveryTests {
    /** Reads all messages but "unreadable", and records them. */
    private static final class RecordingFormat implements MessageFormat<String> {
        final List<String> read = new ArrayList<>();

        @Override
        public byte[] write(String message) {
            return message.getBytes(UTF_8);
        }

        @Override
        public Optional<String> read(byte[] bytes) {
            read.add(new String(bytes, UTF_8));
            return Optional.of(read.getLast()).filter(message -> !message.equals("unreadable"));
        }
    }

    private final RecordingFormat format = new RecordingFormat();
    private final Topic<String> topic = Topic.of("a", String.class, format);
    private final EnumCounters<NodeCounter> counters = new EnumCounters<>(NodeCounter.class);
    private final List<String> received = new ArrayList<>();

    @AutoClose
    private final ClusterPubSub pubsub = ClusterPubSub.local(1);

    private final PublishDelivery delivery =
            new PublishDelivery(pubsub, Codecs.builder().build(), counters);

    private void deliver(List<String> scopes, String message) {
        delivery.deliver(new Publish(new TopicAddress(scopes, "a"), message.getBytes(UTF_8)), "");
    }

    @Test
    void aMessageIsReadOnceForAllSubscribers() {
        pubsub.subscribeInline(topic, received::add);
        pubsub.subscribeInline(topic, received::add);
        deliver(List.of(), "hello");
        assertThat(received).containsExactly("hello", "hello");
        assertThat(format.read).containsExactly("hello");
    }

    @Test
    void aMessageReachesTheSubscribersOfItsScope() {
        pubsub.subscribeInline(topic, message -> received.add("not " + message));
        pubsub.scope("x").subscribeInline(topic, received::add);
        deliver(List.of("x"), "hello");
        assertThat(received).containsExactly("hello");
    }

    private final class PromptRecorder implements PromptSubscriber<String> {
        @Override
        public boolean isPrompt() {
            return true;
        }

        @Override
        public boolean receiveNow(String message) {
            return !message.equals("waits") && received.add(message);
        }

        @Override
        public void receive(String message) {
            received.add(message + " later");
        }
    }

    @Test
    void aMessageIsPromptIfTheSubscriberOfItsScopeIs() {
        Publish publish = publish("hello");
        assertThat(delivery.isPrompt(publish)).as("without a subscriber").isTrue();
        assertThat(delivery.deliverNow(publish, "")).isTrue();
        assertThat(format.read).isEmpty();
        pubsub.subscribeInline(topic, received::add);
        pubsub.scope("x").subscribeInline(topic, new PromptRecorder());
        assertThat(delivery.isPrompt(publish)).isTrue();
        assertThat(delivery.deliverNow(publish, "")).isTrue();
        assertThat(delivery.deliverNow(publish("waits"), "")).isFalse();
        assertThat(delivery.deliverNow(publish("unreadable"), "")).isTrue();
        assertThat(counters.get(NodeCounter.PUBLISH_UNREADABLE)).isEqualTo(1);
        assertThat(received).containsExactly("hello");
        pubsub.scope("x").subscribeInline(topic, received::add);
        assertThat(delivery.isPrompt(publish)).isFalse();
        assertThat(delivery.deliverNow(publish, "")).isFalse();
    }

    private static Publish publish(String message) {
        return new Publish(new TopicAddress(List.of("x"), "a"), message.getBytes(UTF_8));
    }

    @Test
    void aMessageWithoutASubscriberIsNotRead() {
        pubsub.subscribeInline(topic, received::add).close();
        deliver(List.of(), "hello");
        assertThat(format.read).isEmpty();
        assertThat(counters.get(NodeCounter.PUBLISH_UNREADABLE)).isZero();
    }

    @Test
    void aMessageThatCannotBeReadReachesNoSubscriberAndIsCounted() {
        pubsub.subscribeInline(topic, received::add);
        deliver(List.of(), "unreadable");
        assertThat(received).isEmpty();
        assertThat(counters.get(NodeCounter.PUBLISH_UNREADABLE)).isEqualTo(1);
    }
}
