package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Calls of a subscriber: their thread, order, concurrency, and failures. */
abstract class SubscriberContract extends PubSubContract {
    private static final Topic<Line> LINES = Topic.of("lines", Line.class);

    record Line(int publisher, int number) {}

    @Test
    void aSubscriberRunsOnAVirtualThread() {
        var thread = new AtomicReference<Thread>();
        ready(pubsub.subscribe(A, message -> thread.set(Thread.currentThread())));

        pubsub.broadcast(A, "where?");

        eventually().untilAsserted(() -> assertThat(thread.get()).isNotNull().matches(Thread::isVirtual));
    }

    @Test
    void anInlineSubscriberRunsWithinTheBroadcast() {
        var threads = new ConcurrentLinkedQueue<Thread>();
        ready(pubsub.subscribeInline(A, message -> threads.add(Thread.currentThread())));

        pubsub.broadcast(A, "where?");

        assertThat(threads).containsExactly(Thread.currentThread());
    }

    @Test
    void aMailboxSubscriberGetsEachPublishersMessagesOneAtATimeAndInOrder() throws Exception {
        var inOrder = new InOrder();
        var inside = new AtomicInteger();
        var overlaps = new AtomicInteger();
        ready(pubsub.subscribe(LINES, line -> {
            if (inside.incrementAndGet() != 1) {
                overlaps.incrementAndGet();
            }
            inOrder.receive(line);
            inside.decrementAndGet();
        }));

        publishLines();

        inOrder.awaitAll();
        assertThat(overlaps).hasValue(0);
    }

    @Test
    void anInlineSubscriberGetsEachPublishersMessagesInOrder() throws Exception {
        var inOrder = new InOrder();
        ready(pubsub.subscribeInline(LINES, inOrder));

        publishLines();

        inOrder.awaitAll();
    }

    /** 4 publishers of 2 000 messages each: together they fit into a mailbox. */
    private void publishLines() throws Exception {
        try (var publishers = Executors.newFixedThreadPool(InOrder.PUBLISHERS)) {
            List<Future<?>> running = IntStream.range(0, InOrder.PUBLISHERS)
                    .<Future<?>>mapToObj(publisher -> publishers.submit(() -> IntStream.range(0, InOrder.EACH)
                            .forEach(number -> pubsub.broadcast(LINES, new Line(publisher, number)))))
                    .toList();
            for (Future<?> one : running) {
                one.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    /** Counts the messages of each publisher; each count has one writer at a time, its publisher or the mailbox. */
    private static final class InOrder implements Subscriber<Line> {
        static final int PUBLISHERS = 4;
        static final int EACH = 2_000;

        private final List<AtomicInteger> arrived = IntStream.range(0, PUBLISHERS)
                .mapToObj(publisher -> new AtomicInteger())
                .toList();
        private final ConcurrentLinkedQueue<Line> outOfOrder = new ConcurrentLinkedQueue<>();

        @Override
        public void receive(Line line) {
            if (arrived.get(line.publisher()).getAndIncrement() != line.number()) {
                outOfOrder.add(line);
            }
        }

        void awaitAll() {
            eventually()
                    .untilAsserted(() -> assertThat(arrived)
                            .allSatisfy(count -> assertThat(count).hasValue(EACH)));
            assertThat(outOfOrder).isEmpty();
        }
    }

    @Test
    void aSubscriberThatBlocksDelaysNeitherThePublisherNorTheOthers() throws Exception {
        var gate = new Gate();
        var other = new Received();
        var inline = new Received();
        ready(pubsub.subscribe(A, message -> gate.pass()));
        ready(pubsub.subscribe(A, other));
        ready(pubsub.subscribeInline(A, inline));

        pubsub.broadcast(A, "one");
        gate.awaitWaiter();
        pubsub.broadcast(A, "two");

        other.awaits("one", "two");
        inline.awaits("one", "two");
        gate.open();
    }

    @Test
    void aFullMailboxDropsAndCountsTheNewestMessages() throws Exception {
        var gate = new Gate();
        var received = new Received();
        try (PubSub small = open(3)) {
            Subscription subscription = ready(small.subscribe(A, message -> {
                gate.pass();
                received.receive(message);
            }));

            small.broadcast(A, "1");
            gate.awaitWaiter();
            List.of("2", "3", "4", "5", "6").forEach(message -> small.broadcast(A, message));

            assertThat(subscription.dropped()).isEqualTo(2);
            gate.open();
            received.awaits("1", "2", "3", "4");
            small.broadcast(A, "7");
            received.awaits("1", "2", "3", "4", "7");
            assertThat(subscription.dropped()).isEqualTo(2);
        }
    }

    @Test
    void anInlineSubscriptionDropsNothing() {
        var calls = new AtomicInteger();
        try (PubSub small = open(1)) {
            Subscription subscription = ready(small.subscribeInline(A, message -> calls.incrementAndGet()));

            IntStream.range(0, 100).forEach(i -> small.broadcast(A, "x"));

            assertThat(calls).hasValue(100);
            assertThat(subscription.dropped()).isZero();
        }
    }

    @Test
    void anExceptionEndsNeitherTheSubscriptionNorReachesThePublisher() {
        var received = new Received();
        var inline = new Received();
        var behind = new Received();
        ready(pubsub.subscribe(A, message -> {
            received.receive(message);
            throw new Exception("no");
        }));
        ready(pubsub.subscribeInline(A, message -> {
            inline.receive(message);
            throw new Exception("no");
        }));
        ready(pubsub.subscribeInline(A, behind));

        pubsub.broadcast(A, "one");
        pubsub.broadcast(A, "two");

        received.awaits("one", "two");
        inline.awaits("one", "two");
        behind.awaits("one", "two");
    }

    @Test
    void anErrorIsTreatedLikeAnException() {
        var received = new Received();
        var inline = new Received();
        ready(pubsub.subscribe(A, message -> {
            received.receive(message);
            throw new AssertionError("no");
        }));
        ready(pubsub.subscribeInline(A, message -> {
            inline.receive(message);
            throw new AssertionError("no");
        }));

        pubsub.broadcast(A, "one");
        pubsub.broadcast(A, "two");

        received.awaits("one", "two");
        inline.awaits("one", "two");
    }

    @Test
    void closingDiscardsWaitingMessagesAndLetsTheRunningCallFinish() throws Exception {
        var gate = new Gate();
        var received = new Received();
        Subscription subscription = ready(pubsub.subscribe(A, message -> {
            gate.pass();
            received.receive(message);
        }));
        List.of("1", "2", "3").forEach(message -> pubsub.broadcast(A, message));
        Thread thread = gate.awaitWaiter();

        subscription.close();
        gate.open();

        assertThat(thread.join(DEADLINE))
                .as("the subscriber's thread has ended")
                .isTrue();
        received.awaits("1");
        assertThat(subscription.dropped()).isZero();
    }

    @Test
    void aSubscriberMayCloseItsSubscriptionWithinACall() throws Exception {
        var gate = new Gate();
        var received = new Received();
        var subscription = new AtomicReference<Subscription>();
        subscription.set(ready(pubsub.subscribe(A, message -> {
            gate.pass();
            subscription.get().close();
            received.receive(message);
        })));
        List.of("1", "2", "3").forEach(message -> pubsub.broadcast(A, message));
        Thread thread = gate.awaitWaiter();

        gate.open();

        assertThat(thread.join(DEADLINE))
                .as("the subscriber's thread has ended")
                .isTrue();
        received.awaits("1");
        assertThat(pubsub.count("a")).isZero();
    }

    @Test
    void anInlineSubscriberMayCloseItsSubscriptionWithinACall() {
        var received = new Received();
        var subscription = new AtomicReference<Subscription>();
        subscription.set(ready(pubsub.subscribeInline(A, message -> {
            subscription.get().close();
            received.receive(message);
        })));

        pubsub.broadcast(A, "1");
        pubsub.broadcast(A, "2");

        received.awaits("1");
    }

    @Test
    void anInlineSubscriberThatIsClosedDuringABroadcastIsNoLongerCalled() {
        var behind = new Received();
        var second = new AtomicReference<Subscription>();
        ready(pubsub.subscribeInline(A, message -> second.get().close()));
        second.set(ready(pubsub.subscribeInline(A, behind)));

        pubsub.broadcast(A, "1");

        behind.awaits();
    }

    @Test
    void messagesOfAnInlineSubscriberDoNotOvertakeInTheMailboxes() {
        var received = new Received();
        ready(pubsub.subscribeInline(A, message -> {
            if (message.equals("outer")) {
                pubsub.broadcast(A, "inner");
            }
        }));
        ready(pubsub.subscribe(A, received));

        pubsub.broadcast(A, "outer");

        received.awaits("outer", "inner");
    }

    @Test
    void onceCloseReturnedAtMostTheCallThatHadBegunIsSeen() throws Exception {
        for (int round = 0; round < 300; round++) {
            var calls = new AtomicInteger();
            var threads = new ConcurrentLinkedQueue<Thread>();
            Subscription subscription = ready(pubsub.subscribe(A, message -> {
                calls.incrementAndGet();
                threads.add(Thread.currentThread());
            }));
            Thread publisher =
                    Thread.ofVirtual().start(() -> IntStream.range(0, 200).forEach(i -> pubsub.broadcast(A, "x")));
            eventually().until(() -> calls.get() > 0);

            subscription.close();
            int before = calls.get();

            assertThat(publisher.join(DEADLINE)).as("the publisher has ended").isTrue();
            for (Thread thread : threads) {
                assertThat(thread.join(DEADLINE))
                        .as("the subscriber's thread has ended")
                        .isTrue();
            }
            assertThat(calls.get() - before)
                    .as("calls begun after close returned")
                    .isBetween(0, 1);
        }
    }
}
