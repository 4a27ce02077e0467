package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is done when a channel ends. */
class AtEndTests {
    private final AtEnd end = new AtEnd();
    private final List<String> done = new ArrayList<>();

    /** How often the topic of a subscription was asked for. */
    private int looks;

    private Subscription subscription(String topic) {
        return new Subscription() {
            @Override
            public Topic<?> topic() {
                looks++;
                return Topic.of(topic, String.class);
            }

            @Override
            public CompletableFuture<Void> ready() {
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public long dropped() {
                return 0;
            }

            @Override
            public void close() {
                done.add(topic);
                if (topic.equals("fails")) {
                    throw new IllegalStateException(topic);
                }
            }
        };
    }

    @Test
    void anEarlierSubscriptionToTheTopicIsHandedBack() {
        Subscription first = subscription("a");
        assertThat(end.add(first)).isNull();
        assertThat(end.add(subscription("b"))).isNull();
        assertThat(end.add(subscription("a"))).isSameAs(first);
        end.run("room:1");
        assertThat(done).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void allIsDoneWhateverFails() {
        end.add(() -> done.add("first"));
        assertThat(end.add(subscription("fails"))).isNull();
        end.add(() -> {
            throw new IllegalStateException("a task");
        });
        end.add(() -> done.add("last"));
        end.run("room:atend");
        assertThat(done).containsExactly("fails", "first", "last");
        assertThat(RecordedLog.linesAbout("room:atend")).hasSize(2);
    }

    @Test
    void subscribingToManyTopicsLooksAtEachSubscriptionOnce() {
        int topics = 1_000;
        for (int i = 0; i < topics; i++) {
            assertThat(end.add(subscription("topic " + i))).isNull();
        }
        assertThat(looks).isLessThanOrEqualTo(2 * topics);
    }
}
