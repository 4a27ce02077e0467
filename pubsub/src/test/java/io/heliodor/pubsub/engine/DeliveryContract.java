package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Delivery of messages to subscribers. */
abstract class DeliveryContract extends PubSubContract {
    @Test
    void aBroadcastReachesEachSubscriberOfItsTopic() {
        var first = new Received();
        var second = new Received();
        var inline = new Received();
        ready(pubsub.subscribe(A, first));
        ready(pubsub.subscribe(A, second));
        ready(pubsub.subscribeInline(A, inline));

        pubsub.broadcast(A, "hello");

        first.awaits("hello");
        second.awaits("hello");
        inline.awaits("hello");
    }

    @Test
    void aBroadcastDoesNotReachOtherTopics() {
        var a = new Received();
        var b = new Received();
        ready(pubsub.subscribe(A, a));
        ready(pubsub.subscribe(B, b));

        pubsub.broadcast(B, "for b");
        pubsub.broadcast(A, "for a");

        a.awaits("for a");
        b.awaits("for b");
    }

    @Test
    void aBroadcastWithoutSubscribersGoesNowhere() {
        pubsub.broadcast(A, "anyone?");
        var late = new Received();
        ready(pubsub.subscribe(A, late));

        pubsub.broadcast(A, "hello");

        late.awaits("hello");
    }

    @Test
    void aLocalBroadcastReachesTheSubscribersOfThisNode() {
        var received = new Received();
        ready(pubsub.subscribe(A, received));

        pubsub.broadcastLocally(A, "hello");

        received.awaits("hello");
    }

    @Test
    void subscribingTwiceDeliversTwice() {
        var received = new Received();
        ready(pubsub.subscribe(A, received));
        ready(pubsub.subscribe(A, received));

        pubsub.broadcast(A, "hello");

        received.awaits("hello", "hello");
    }

    @Test
    void closingOneOfTwoSubscriptionsLeavesTheOther() {
        var received = new Received();
        Subscription one = ready(pubsub.subscribe(A, received));
        ready(pubsub.subscribe(A, received));

        one.close();
        pubsub.broadcast(A, "hello");

        received.awaits("hello");
        assertThat(pubsub.count("a")).isEqualTo(1);
    }

    @Test
    void nothingArrivesOnceTheSubscriptionIsClosed() {
        var closed = new Received();
        var inline = new Received();
        var control = new Received();
        Subscription first = ready(pubsub.subscribe(A, closed));
        Subscription second = ready(pubsub.subscribeInline(A, inline));
        ready(pubsub.subscribe(A, control));

        first.close();
        second.close();
        pubsub.broadcast(A, "too late");

        control.awaits("too late");
        closed.awaits();
        inline.awaits();
    }

    @Test
    void closingASubscriptionAgainDoesNothing() {
        var received = new Received();
        Subscription closed = ready(pubsub.subscribe(A, message -> {}));
        ready(pubsub.subscribe(A, received));

        closed.close();
        closed.close();
        pubsub.broadcast(A, "hello");

        received.awaits("hello");
        assertThat(pubsub.count("a")).isEqualTo(1);
    }

    @Test
    void aBroadcastFromASubscriptionSkipsOnlyThatOne() {
        var sender = new Received();
        var other = new Received();
        Subscription from = ready(pubsub.subscribe(A, sender));
        ready(pubsub.subscribe(A, sender));
        ready(pubsub.subscribe(A, other));

        pubsub.broadcastFrom(from, A, "to the others");

        other.awaits("to the others");
        sender.awaits("to the others");
    }

    @Test
    void aBroadcastFromASubscriptionOfAnotherTopicSkipsNoSubscriber() {
        var received = new Received();
        Subscription from = ready(pubsub.subscribe(B, message -> {}));
        ready(pubsub.subscribe(A, received));

        pubsub.broadcastFrom(from, A, "hello");

        received.awaits("hello");
    }

    @Test
    void aBroadcastFromAClosedSubscriptionSkipsNoSubscriber() {
        var received = new Received();
        Subscription from = ready(pubsub.subscribe(A, message -> {}));
        ready(pubsub.subscribe(A, received));
        from.close();

        pubsub.broadcastFrom(from, A, "hello");

        received.awaits("hello");
    }

    @Test
    void aSubscriptionIsReadyOnceEveryNodeHasIt() {
        assertThat(pubsub.subscribe(A, message -> {}).ready()).succeedsWithin(DEADLINE);
        assertThat(pubsub.subscribeInline(A, message -> {}).ready()).succeedsWithin(DEADLINE);
    }

    @Test
    void completingTheReadyFutureChangesNothing() {
        Subscription subscription = pubsub.subscribe(A, message -> {});

        subscription.ready().obtrudeException(new IllegalStateException("not ready"));

        assertThat(subscription.ready()).succeedsWithin(DEADLINE);
    }

    @Test
    void theSubscriptionsOfATopicAreCounted() {
        Subscription one = ready(pubsub.subscribe(A, message -> {}));
        ready(pubsub.subscribeInline(A, message -> {}));
        ready(pubsub.subscribe(B, message -> {}));
        assertThat(pubsub.count("a")).isEqualTo(2);
        assertThat(pubsub.count(A)).isEqualTo(2);
        assertThat(pubsub.countAll(A, DEADLINE)).isEqualTo(2);
        one.close();
        assertThat(pubsub.count("a")).isEqualTo(1);
        assertThat(pubsub.count("nobody's")).isZero();
    }

    @Test
    void theTextOfASubscriptionHasItsTopic() {
        assertThat(pubsub.subscribe(A, message -> {})).hasToString("Subscription[a]");
    }

    @Test
    void aTopicHasOneTypeAsLongAsItHasSubscriptions() {
        Topic<Integer> numbers = Topic.of("a", Integer.class);
        var received = new Received();
        Subscription text = ready(pubsub.subscribe(A, received));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> pubsub.subscribe(numbers, number -> {}))
                .withMessageContainingAll("\"a\"", "java.lang.String", "java.lang.Integer");
        assertThatIllegalArgumentException().isThrownBy(() -> pubsub.subscribeInline(numbers, number -> {}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pubsub.broadcast(numbers, 1))
                .withMessageContainingAll("\"a\"", "java.lang.String", "java.lang.Integer");
        assertThatIllegalArgumentException().isThrownBy(() -> pubsub.broadcastFrom(text, numbers, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> pubsub.broadcastLocally(numbers, 1));

        pubsub.broadcast(A, "still text");
        received.awaits("still text");
    }

    @Test
    void aTopicWithoutSubscriptionsHasNoType() {
        Topic<Integer> numbers = Topic.of("a", Integer.class);
        ready(pubsub.subscribe(A, message -> {})).close();
        var sum = new AtomicInteger();

        ready(pubsub.subscribe(numbers, sum::addAndGet));
        pubsub.broadcast(numbers, 3);

        eventually().untilAsserted(() -> assertThat(sum).hasValue(3));
    }

    @Test
    void nullIsRefusedBeforeAnythingIsDelivered() {
        var received = new Received();
        ready(pubsub.subscribe(A, received));

        assertThatNullPointerException().isThrownBy(() -> pubsub.broadcast(A, null));
        assertThatNullPointerException().isThrownBy(() -> pubsub.broadcastFrom(null, A, "x"));
        assertThatNullPointerException().isThrownBy(() -> pubsub.subscribe(A, null));
        assertThatNullPointerException().isThrownBy(() -> pubsub.subscribeInline(A, null));

        pubsub.broadcast(A, "hello");
        received.awaits("hello");
    }
}
