package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.channel.CleanupTasks;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tasks that run when a channel ends. */
class CleanupTasksTests {
    private final CleanupTasks end = new CleanupTasks();
    private final List<String> done = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    private @Nullable Subscription add(String topic) {
        return add(topic, subscription(topic));
    }

    private @Nullable Subscription add(String topic, Subscription subscription) {
        return end.add(Topic.of(topic, String.class), subscription);
    }

    private Subscription subscription(String topic) {
        return () -> {
            done.add(topic);
            if (topic.equals("fails")) {
                throw new IllegalStateException(topic);
            }
        };
    }

    @Test
    void anEarlierSubscriptionToTheTopicIsHandedBack() {
        Subscription first = subscription("a");
        assertThat(add("a", first)).isNull();
        assertThat(add("b")).isNull();
        assertThat(add("a")).isSameAs(first);
        end.run(failures::add);
        assertThat(done).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void allTasksRunThoughSomeFail() {
        end.add(() -> done.add("first"));
        assertThat(add("fails")).isNull();
        end.add(() -> {
            throw new IllegalStateException("a task");
        });
        end.add(() -> done.add("last"));
        end.run(failures::add);
        assertThat(done).containsExactly("fails", "first", "last");
        assertThat(failures).extracting(Throwable::getMessage).containsExactly("fails", "a task");
    }
}
