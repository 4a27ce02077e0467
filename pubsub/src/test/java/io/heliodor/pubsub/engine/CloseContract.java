package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The end of a PubSub. */
abstract class CloseContract extends PubSubContract {
    @Test
    void aClosedPubSubRefusesCallsAndNamesTheReason() {
        Subscription subscription = ready(pubsub.subscribe(A, message -> {}));
        PubSub scope = pubsub.scope("red");

        pubsub.close();

        List<ThrowingCallable> refused = List.of(
                () -> pubsub.subscribe(A, message -> {}),
                () -> pubsub.subscribeInline(A, message -> {}),
                () -> pubsub.broadcast(A, "x"),
                () -> pubsub.broadcastFrom(subscription, A, "x"),
                () -> pubsub.broadcastLocally(A, "x"),
                () -> pubsub.scope("red"),
                () -> pubsub.scope("blue"),
                () -> scope.subscribe(A, message -> {}),
                () -> scope.broadcast(A, "x"));
        assertThat(refused)
                .allSatisfy(call ->
                        assertThatIllegalStateException().isThrownBy(call).withMessageContaining("is closed"));
    }

    @Test
    void closingEndsAllSubscriptions() throws Exception {
        var gate = new Gate();
        var received = new Received();
        Subscription subscription = ready(pubsub.subscribe(A, message -> {
            gate.pass();
            received.receive(message);
        }));
        ready(pubsub.subscribeInline(B, message -> {}));
        ready(pubsub.scope("red").subscribe(A, message -> {}));
        List.of("1", "2").forEach(message -> pubsub.broadcast(A, message));
        Thread thread = gate.awaitWaiter();

        pubsub.close();
        gate.open();

        assertThat(thread.join(DEADLINE))
                .as("the subscriber's thread has ended")
                .isTrue();
        received.awaits("1");
        assertThat(pubsub.count("a")).isZero();
        assertThat(pubsub.count("b")).isZero();
        subscription.close();
    }

    @Test
    void closingAgainDoesNothing() {
        pubsub.close();
        pubsub.close();
    }

    @Test
    void aSubscriberMayCloseThePubSub() {
        var received = new Received();
        ready(pubsub.subscribeInline(A, message -> pubsub.close()));
        ready(pubsub.subscribeInline(A, received));

        pubsub.broadcast(A, "x");

        received.awaits();
    }

    @Test
    void closingOneLeavesTheOthers() {
        var received = new Received();
        try (PubSub other = open(10)) {
            ready(other.subscribe(A, received));

            pubsub.close();
            other.broadcast(A, "hello");

            received.awaits("hello");
        }
    }
}
