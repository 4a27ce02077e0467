package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ClusterPubSubTests {
    /** A transport that records its calls and completes them as a test sets. */
    private static final class Recorder implements ClusterTransport {
        final List<String> calls = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Void> advertised = CompletableFuture.completedFuture(null);

        @Override
        public CompletableFuture<Void> advertise(TopicAddress place) {
            calls.add("wanted " + String.join("/", place.scopes()) + ":" + place.topic());
            return advertised;
        }

        @Override
        public void withdraw(TopicAddress place) {
            calls.add("unwanted " + String.join("/", place.scopes()) + ":" + place.topic());
        }

        @Override
        public void check(Topic<?> topic) {
            if (topic.type().type() == Thread.class) {
                throw new IllegalArgumentException("not " + topic.type());
            }
        }

        @Override
        public <T> void forward(TopicAddress place, Topic<T> topic, T message) {
            calls.add("carry " + String.join("/", place.scopes()) + ":" + place.topic() + " " + message);
        }

        @Override
        public <T> void forwardTo(NodeId node, TopicAddress place, Topic<T> topic, T message) {
            calls.add("carry to " + node + " " + place.topic() + " " + message);
        }

        @Override
        public Nodes nodes(List<String> scopes) {
            return new SingleNode(new NodeId("a", 1));
        }
    }

    private static PubSub clustered(int mailbox) {
        return LocalPubSub.over(new Recorder(), mailbox);
    }

    @Nested
    class End {
        private static final PubSubEnd NAME_TAKEN = new PubSubEnd("name_taken", "Node a has ended.");

        private final ClusterPubSub root = LocalPubSub.over(new Recorder(), 1);
        private final List<PubSubEnd> ends = new ArrayList<>();

        @Test
        void theReasonReachesTheListenersOfAllScopesBeforeTheClose() {
            ClusterPubSub scope = ClusterPubSub.of(root.scope("a").scope("b"));
            scope.onEnd(ends::add);
            root.onEnd(ends::add);
            assertThat(scope.ended()).isEmpty();
            root.end(NAME_TAKEN);
            assertThat(ends).containsExactly(NAME_TAKEN, NAME_TAKEN);
            root.broadcast(Topic.of("t", String.class), "still open");
            root.close();
            assertThat(ends).hasSize(2);
            assertThat(scope.ended()).contains(NAME_TAKEN);
            assertThatThrownBy(() -> scope.scope("c"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed")
                    .hasMessageEndingWith(NAME_TAKEN.text());
        }

        @Test
        void aCloseIsAnEndOfTheScopeAndNotOfItsPubSub() {
            ClusterPubSub scope = ClusterPubSub.of(root.scope("a"));
            root.onEnd(ends::add);
            scope.close();
            assertThat(scope.ended()).map(PubSubEnd::reason).contains("closed");
            assertThat(root.ended()).isEmpty();
            assertThat(ends).isEmpty();
        }

        @Test
        void aListenerIsCalledAtOnceAfterTheEndAndNeverAfterItsClose() {
            Subscription closed = root.onEnd(ends::add);
            closed.close();
            root.end(NAME_TAKEN);
            assertThat(ends).isEmpty();
            root.onEnd(ends::add);
            assertThat(ends).containsExactly(NAME_TAKEN);
        }

        @Test
        void aScopeThatIsOpenedBetweenTheEndAndTheCloseHasEnded() {
            root.end(NAME_TAKEN);
            assertThat(ClusterPubSub.of(root.scope("late")).ended()).contains(NAME_TAKEN);
        }
    }

    @Nested
    class Delivery extends DeliveryContract {
        @Override
        PubSub open(int mailbox) {
            return clustered(mailbox);
        }
    }

    @Nested
    class Subscribing extends SubscriberContract {
        @Override
        PubSub open(int mailbox) {
            return clustered(mailbox);
        }
    }

    @Nested
    class Scopes extends ScopeContract {
        @Override
        PubSub open(int mailbox) {
            return clustered(mailbox);
        }
    }

    @Nested
    class Closing extends CloseContract {
        @Override
        PubSub open(int mailbox) {
            return clustered(mailbox);
        }
    }

    private final Recorder transport = new Recorder();
    private final ClusterPubSub pubsub = ClusterPubSub.over(transport);
    private final Topic<String> topic = Topic.of("a", String.class);

    @Test
    void aTopicIsAdvertisedFromItsFirstSubscriptionToTheEndOfItsLast() {
        Subscription first = pubsub.subscribe(topic, message -> {});
        Subscription second = pubsub.subscribeInline(topic, message -> {});
        first.close();
        first.close();
        assertThat(transport.calls).containsExactly("wanted :a");
        second.close();
        pubsub.subscribe(topic, message -> {});
        assertThat(transport.calls).containsExactly("wanted :a", "unwanted :a", "wanted :a");
    }

    @Test
    void closingTheScopeWithdrawsItsTopics() {
        pubsub.scope("x").scope("y").subscribe(topic, message -> {});
        pubsub.close();
        assertThat(transport.calls).containsExactly("wanted x/y:a", "unwanted x/y:a");
    }

    @Test
    void aMessageThatCannotBeForwardedIsRefusedBeforeItIsDelivered() {
        Topic<Thread> threads = Topic.of("threads", Thread.class);
        List<Thread> received = new ArrayList<>();
        Subscription subscription = pubsub.subscribeInline(threads, received::add);
        Thread thread = Thread.currentThread();
        assertThatThrownBy(() -> pubsub.broadcast(threads, thread)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pubsub.broadcastFrom(subscription, threads, thread))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(received).isEmpty();
        pubsub.broadcastLocally(threads, thread);
        assertThat(received).containsExactly(thread);
    }

    @Test
    void aPublishedMessageIsForwardedEvenWithoutASubscriber() {
        pubsub.broadcast(topic, "1");
        Subscription sender = pubsub.subscribe(topic, message -> {});
        pubsub.broadcastFrom(sender, topic, "2");
        pubsub.broadcastLocally(topic, "3");
        pubsub.scope("x").broadcast(topic, "4");
        assertThat(transport.calls).containsExactly("carry :a 1", "wanted :a", "carry :a 2", "carry x:a 4");
    }

    @Test
    void aRemoteMessageReachesAllSubscriptionsAndIsNotForwarded() {
        Received one = new Received();
        Received two = new Received();
        PubSub scope = pubsub.scope("x");
        scope.subscribe(topic, one);
        scope.subscribeInline(topic, two);
        transport.calls.clear();
        Subscribers found = pubsub.subscribers(new TopicAddress(List.of("x"), "a"));
        assertThat(found.topic()).isEqualTo(topic);
        found.deliver("hello");
        one.awaits("hello");
        two.awaits("hello");
        assertThat(transport.calls).isEmpty();
    }

    @Test
    void anAddressWithoutASubscriptionHasNoTopic() {
        assertThat(pubsub.subscribers(new TopicAddress(List.of(), "a")).topic()).isNull();
        assertThat(pubsub.subscribers(new TopicAddress(List.of("none"), "a")).topic())
                .isNull();
    }

    @Test
    void aSubscriptionIsReadyWhenTheTransportHasAdvertisedIt() {
        transport.advertised = new CompletableFuture<>();
        Subscription first = pubsub.subscribe(topic, message -> {});
        Subscription second = pubsub.subscribe(topic, message -> {});
        Subscription closed = pubsub.subscribe(topic, message -> {});
        closed.close();
        assertThat(closed.ready()).isCompleted();
        first.ready().complete(null);
        assertThat(first.ready()).isNotDone();
        assertThat(second.ready()).isNotDone();
        transport.advertised.complete(null);
        assertThat(first.ready()).isCompleted();
        assertThat(second.ready()).isCompleted();
    }
}
