package io.heliodor.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubscriptionTests {
    @Test
    void aSubscriptionWithoutATopicIsReadyAndDropsNothing() throws Exception {
        List<String> done = new ArrayList<>();
        Subscription subscription = () -> done.add("closed");
        assertThat(subscription.ready()).isCompleted();
        assertThat(subscription.dropped()).isZero();
        try (subscription) {
            assertThat(done).isEmpty();
        }
        assertThat(done).containsExactly("closed");
    }

    @Test
    void aFutureThatACallerCompletesChangesNoOtherOne() {
        Subscription subscription = () -> {};
        subscription.ready().obtrudeException(new IllegalStateException("not ready"));
        assertThat(subscription.ready()).isCompleted();
    }
}
