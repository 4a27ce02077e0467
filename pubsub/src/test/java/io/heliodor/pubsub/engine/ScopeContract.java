package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Namespaces within one PubSub. */
abstract class ScopeContract extends PubSubContract {
    @Test
    void topicsOfDifferentScopesAreSeparate() {
        var outside = new Received();
        var red = new Received();
        var blue = new Received();
        ready(pubsub.subscribe(A, outside));
        ready(pubsub.scope("red").subscribe(A, red));
        ready(pubsub.scope("blue").subscribe(A, blue));

        pubsub.broadcast(A, "outside");
        pubsub.scope("red").broadcast(A, "red");
        pubsub.scope("blue").broadcast(A, "blue");

        outside.awaits("outside");
        red.awaits("red");
        blue.awaits("blue");
        assertThat(pubsub.count("a")).isEqualTo(1);
    }

    @Test
    void theSameNameIsTheSameScope() {
        var received = new Received();
        ready(pubsub.scope("red").subscribe(A, received));

        pubsub.scope("red").broadcast(A, "hello");

        received.awaits("hello");
        assertThat(pubsub.scope("red").count("a")).isEqualTo(1);
    }

    @Test
    void aScopeMayHaveScopes() {
        var inner = new Received();
        var outer = new Received();
        var top = new Received();
        ready(pubsub.scope("red").scope("blue").subscribe(A, inner));
        ready(pubsub.scope("red").subscribe(A, outer));
        ready(pubsub.scope("blue").subscribe(A, top));

        pubsub.scope("red").scope("blue").broadcast(A, "inner");
        pubsub.scope("red").broadcast(A, "outer");
        pubsub.scope("blue").broadcast(A, "top");

        inner.awaits("inner");
        outer.awaits("outer");
        top.awaits("top");
    }

    @Test
    void noSeparatorInANameLeadsIntoAnotherScope() {
        var nested = new Received();
        ready(pubsub.scope("red").scope("blue").subscribe(A, nested));

        for (String separator : List.of("/", ":", ".", "|", ",", " ")) {
            pubsub.scope("red" + separator + "blue").broadcast(A, "x");
            pubsub.scope("red").broadcast(Topic.of("blue" + separator + "a", String.class), "x");
            pubsub.broadcast(Topic.of("red" + separator + "blue" + separator + "a", String.class), "x");
        }
        pubsub.scope("red").scope("blue").broadcast(A, "hello");

        nested.awaits("hello");
    }

    @Test
    void aNameMayHaveAnotherTypeInAnotherScope() {
        Topic<Integer> numbers = Topic.of("a", Integer.class);
        var received = new Received();
        ready(pubsub.subscribe(A, received));
        ready(pubsub.scope("red").subscribe(numbers, number -> {}));

        pubsub.broadcast(A, "hello");
        pubsub.scope("red").broadcast(numbers, 1);

        received.awaits("hello");
    }

    @Test
    void aSenderOfAnotherScopeSkipsNoSubscriber() {
        var received = new Received();
        Subscription elsewhere = ready(pubsub.scope("red").subscribe(A, message -> {}));
        ready(pubsub.subscribe(A, received));

        pubsub.broadcastFrom(elsewhere, A, "hello");

        received.awaits("hello");
    }

    @Test
    void closingAScopeEndsItsSubscriptionsAndNothingElse() {
        var gone = new Received();
        var nested = new Received();
        var sibling = new Received();
        var parent = new Received();
        PubSub red = pubsub.scope("red");
        PubSub blue = red.scope("blue");
        ready(red.subscribe(A, gone));
        ready(blue.subscribeInline(A, nested));
        ready(pubsub.scope("green").subscribe(A, sibling));
        ready(pubsub.subscribe(A, parent));

        red.close();
        red.close();

        assertThat(red.count("a")).isZero();
        assertThat(blue.count("a")).isZero();
        assertThatIllegalStateException()
                .isThrownBy(() -> red.broadcast(A, "x"))
                .withMessageContaining("scope \"red\" is closed");
        assertThatIllegalStateException().isThrownBy(() -> blue.broadcast(A, "x"));
        pubsub.broadcast(A, "parent");
        pubsub.scope("green").broadcast(A, "sibling");
        parent.awaits("parent");
        sibling.awaits("sibling");
        gone.awaits();
        nested.awaits();
    }

    @Test
    void theNameOfAClosedScopeOpensANewOne() {
        var before = new Received();
        var after = new Received();
        PubSub first = pubsub.scope("red");
        ready(first.subscribe(A, before));
        first.close();

        ready(pubsub.scope("red").subscribe(A, after));
        pubsub.scope("red").broadcast(A, "hello");

        after.awaits("hello");
        before.awaits();
        first.close();
        assertThat(pubsub.scope("red").count("a")).isEqualTo(1);
    }

    @Test
    void aScopeHasTheSameNamesAsATopic() {
        for (String name : List.of("", "a\nb", "x".repeat(256))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pubsub.scope(name))
                    .withMessageContaining("scope");
        }
    }
}
