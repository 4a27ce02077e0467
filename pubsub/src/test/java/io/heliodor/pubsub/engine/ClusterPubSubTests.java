package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ClusterPubSubTests {
    /** Writes down what it is told, and completes what it is asked to. */
    private static final class Recorder implements ClusterTransport {
        final List<String> told = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Void> known = CompletableFuture.completedFuture(null);

        @Override
        public CompletableFuture<Void> advertise(TopicAddress place) {
            told.add("wanted " + String.join("/", place.scopes()) + ":" + place.topic());
            return known;
        }

        @Override
        public void withdraw(TopicAddress place) {
            told.add("unwanted " + String.join("/", place.scopes()) + ":" + place.topic());
        }

        @Override
        public void check(Topic<?> topic) {
            if (topic.type().type() == Thread.class) {
                throw new IllegalArgumentException("not " + topic.type());
            }
        }

        @Override
        public <T> void forward(TopicAddress place, Topic<T> topic, T message) {
            told.add("carry " + String.join("/", place.scopes()) + ":" + place.topic() + " " + message);
        }

        @Override
        public <T> void forwardTo(NodeId node, TopicAddress place, Topic<T> topic, T message) {
            told.add("carry to " + node + " " + place.topic() + " " + message);
        }

        @Override
        public Nodes nodes(List<String> scopes) {
            return new SingleNode(new NodeId("a", 1));
        }
    }

    private static PubSub carried(int mailbox) {
        return LocalPubSub.over(new Recorder(), mailbox);
    }

    @Nested
    class Delivery extends DeliveryContract {
        @Override
        PubSub open(int mailbox) {
            return carried(mailbox);
        }
    }

    @Nested
    class Subscribers extends SubscriberContract {
        @Override
        PubSub open(int mailbox) {
            return carried(mailbox);
        }
    }

    @Nested
    class Scopes extends ScopeContract {
        @Override
        PubSub open(int mailbox) {
            return carried(mailbox);
        }
    }

    @Nested
    class Closing extends CloseContract {
        @Override
        PubSub open(int mailbox) {
            return carried(mailbox);
        }
    }

    private final Recorder carrier = new Recorder();
    private final ClusterPubSub pubsub = ClusterPubSub.over(carrier);
    private final Topic<String> topic = Topic.of("a", String.class);

    @Test
    void aTopicIsWantedFromItsFirstSubscriptionToTheEndOfItsLast() {
        Subscription first = pubsub.subscribe(topic, message -> {});
        Subscription second = pubsub.subscribeInline(topic, message -> {});
        first.close();
        first.close();
        assertThat(carrier.told).containsExactly("wanted :a");
        second.close();
        pubsub.subscribe(topic, message -> {});
        assertThat(carrier.told).containsExactly("wanted :a", "unwanted :a", "wanted :a");
    }

    @Test
    void closingTheScopeEndsWhatIsWanted() {
        pubsub.scope("x").scope("y").subscribe(topic, message -> {});
        pubsub.close();
        assertThat(carrier.told).containsExactly("wanted x/y:a", "unwanted x/y:a");
    }

    @Test
    void whatCannotBeCarriedIsRefusedBeforeAnybodyGetsIt() {
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
    void whatIsPublishedIsCarriedEvenWithoutASubscriber() {
        pubsub.broadcast(topic, "1");
        Subscription sender = pubsub.subscribe(topic, message -> {});
        pubsub.broadcastFrom(sender, topic, "2");
        pubsub.broadcastLocally(topic, "3");
        pubsub.scope("x").broadcast(topic, "4");
        assertThat(carrier.told).containsExactly("carry :a 1", "wanted :a", "carry :a 2", "carry x:a 4");
    }

    @Test
    void whatArrivesIsReadOnceAndIsNotCarriedOn() {
        Received one = new Received();
        Received two = new Received();
        PubSub scope = pubsub.scope("x");
        scope.subscribe(topic, one);
        scope.subscribeInline(topic, two);
        carrier.told.clear();
        List<Topic<?>> asked = new ArrayList<>();
        int reached = pubsub.deliverRemote(new TopicAddress(List.of("x"), "a"), of -> {
            asked.add(of);
            return Optional.of("hello");
        });
        assertThat(reached).isEqualTo(2);
        one.awaits("hello");
        two.awaits("hello");
        assertThat(asked).containsExactly(topic);
        assertThat(carrier.told).isEmpty();
    }

    @Test
    void whatArrivesForNobodyIsNotRead() {
        assertThat(pubsub.deliverRemote(new TopicAddress(List.of(), "a"), of -> {
                    throw new AssertionError("read for nobody");
                }))
                .isZero();
        assertThat(pubsub.deliverRemote(new TopicAddress(List.of("none"), "a"), of -> {
                    throw new AssertionError("read for nobody");
                }))
                .isZero();
    }

    @Test
    void whatCannotBeReadReachesNobody() {
        Received received = new Received();
        pubsub.subscribeInline(topic, received);
        assertThat(pubsub.deliverRemote(new TopicAddress(List.of(), "a"), of -> Optional.empty()))
                .isZero();
        received.awaits();
    }

    @Test
    void aSubscriptionIsReadyWhenTheCarrierSaysSo() {
        carrier.known = new CompletableFuture<>();
        Subscription first = pubsub.subscribe(topic, message -> {});
        Subscription second = pubsub.subscribe(topic, message -> {});
        Subscription closed = pubsub.subscribe(topic, message -> {});
        closed.close();
        assertThat(closed.ready()).isCompleted();
        first.ready().complete(null);
        assertThat(first.ready()).isNotDone();
        assertThat(second.ready()).isNotDone();
        carrier.known.complete(null);
        assertThat(first.ready()).isCompleted();
        assertThat(second.ready()).isCompleted();
    }
}
