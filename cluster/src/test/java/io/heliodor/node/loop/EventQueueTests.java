package io.heliodor.node.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.counter.EnumCounters;
import io.heliodor.process.engine.NodeCounter;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

class EventQueueTests {
    private final EnumCounters<NodeCounter> counters = new EnumCounters<>(NodeCounter.class);
    private final Queue<Integer> received = new ConcurrentLinkedQueue<>();
    private final Semaphore permits = new Semaphore(0);

    private void listen(int event) {
        permits.acquireUninterruptibly();
        received.add(event);
        if (event < 0) {
            throw new IllegalStateException("on purpose");
        }
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
    }

    @Test
    void eventsArriveInOrderAndAFailureStopsNoOther() {
        EventQueue<Integer> queue = new EventQueue<>("test", this::listen, List::copyOf, counters);
        queue.add(1);
        queue.add(-1);
        queue.add(2);
        permits.release(3);
        eventually().untilAsserted(() -> assertThat(received).containsExactly(1, -1, 2));
        assertThat(counters.get(NodeCounter.EVENTS_COALESCED)).isZero();
    }

    @Test
    void eventsOverTheLimitAreCoalesced() {
        EventQueue<Integer> queue =
                new EventQueue<>("test", this::listen, waiting -> List.of(waiting.getLast()), counters);
        IntStream.rangeClosed(0, EventQueue.MAX_WAITING + 10).forEach(queue::add);
        permits.release(2 * EventQueue.MAX_WAITING);
        eventually()
                .untilAsserted(() -> assertThat(received)
                        .hasSizeLessThan(20)
                        .endsWith(EventQueue.MAX_WAITING + 9, EventQueue.MAX_WAITING + 10));
        assertThat(counters.get(NodeCounter.EVENTS_COALESCED)).isGreaterThanOrEqualTo(EventQueue.MAX_WAITING);
    }

    @Test
    void aStateLargerThanTheLimitIsKeptAsItIs() {
        EventQueue<Integer> queue = new EventQueue<>("test", this::listen, List::copyOf, counters);
        int all = EventQueue.MAX_WAITING + 100;
        IntStream.range(0, all).forEach(queue::add);
        permits.release(all);
        eventually().until(() -> received.size() == all);
        assertThat(List.copyOf(received)).isSorted();
    }

    @Test
    void aClosedQueueTakesNothing() {
        EventQueue<Integer> queue = new EventQueue<>("test", this::listen, List::copyOf, counters);
        queue.add(1);
        eventually().until(permits::hasQueuedThreads);
        queue.add(2);
        queue.close();
        queue.add(3);
        assertThat(queue.isClosed()).isTrue();
        permits.release(3);
        eventually().untilAsserted(() -> assertThat(received).containsExactly(1));
    }
}
