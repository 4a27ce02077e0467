package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The contract of every PubSub, as seen from one node, is in the subclasses of this class. An implementation extends
 * each of them and opens instances.
 */
abstract class PubSubContract {
    static final Duration DEADLINE = Duration.ofSeconds(30);
    static final Topic<String> A = Topic.of("a", String.class);
    static final Topic<String> B = Topic.of("b", String.class);

    PubSub pubsub;

    /** Opens a PubSub with mailboxes of this size that shares nothing with those opened before. */
    abstract PubSub open(int mailbox);

    @BeforeEach
    void openOne() {
        pubsub = open(10_000);
    }

    @AfterEach
    void closeIt() {
        pubsub.close();
    }

    /** Polls every few milliseconds, and fails with the last state after the deadline. */
    static ConditionFactory eventually() {
        return await().atMost(DEADLINE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    /** Waits until messages of any node reach the subscription. */
    static Subscription ready(Subscription subscription) {
        assertThat(subscription.ready()).succeedsWithin(DEADLINE);
        return subscription;
    }
}
