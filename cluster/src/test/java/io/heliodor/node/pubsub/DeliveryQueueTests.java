package io.heliodor.node.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.batch.WakeBatch;
import io.heliodor.link.Time;
import io.heliodor.log.FailureLog;
import io.heliodor.process.engine.ManualTime;
import io.heliodor.pubsub.engine.TopicAddress;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DeliveryQueueTests {
    private static final byte[] QUARTER = new byte[DeliveryQueue.CAPACITY / 4];

    @AutoClose
    private final Time time = Time.machine("test");

    private final Queue<String> delivered = new ConcurrentLinkedQueue<>();
    private final Semaphore permits = new Semaphore(0);
    private final AtomicLong threads = new AtomicLong();
    private final FailureLog failures =
            new FailureLog(LoggerFactory.getLogger(DeliveryQueueTests.class), System::nanoTime);
    private final DeliveryQueue queue = new DeliveryQueue("test", this::deliver, time, threads, failures);

    /** Of the receiver that is prompt for all messages but "waits". */
    private final Queue<Thread> threadsOfPrompt = new ConcurrentLinkedQueue<>();

    private final DeliveryQueue promptQueue = new DeliveryQueue(
            "test",
            new DeliveryQueue.Receiver() {
                @Override
                public void deliver(Publish publish, String correlation) {
                    threadsOfPrompt.add(Thread.currentThread());
                    DeliveryQueueTests.this.deliver(publish, correlation);
                }

                @Override
                public boolean isPrompt(Publish publish) {
                    return !publish.address().topic().equals("waits");
                }

                @Override
                public boolean deliverNow(Publish publish, String correlation) {
                    if (publish.address().topic().equals("full")) {
                        return false;
                    }
                    deliver(publish, correlation);
                    return true;
                }
            },
            time,
            threads,
            failures);

    private boolean putPrompt(String topic) {
        return promptQueue.put(new Publish(new TopicAddress(List.of(), topic), new byte[0]), "");
    }

    private void deliver(Publish publish, String correlation) {
        permits.acquireUninterruptibly();
        delivered.add(publish.address().topic());
        if (publish.address().topic().equals("fails")) {
            throw new IllegalStateException("on purpose");
        }
    }

    private boolean put(String topic, byte[] value) {
        return queue.put(new Publish(new TopicAddress(List.of(), topic), value), "");
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
    }

    @Test
    void messagesAreDeliveredInOrderAndAFailureStopsNoOther() {
        assertThat(put("1", new byte[0])).isTrue();
        assertThat(put("fails", new byte[0])).isTrue();
        assertThat(put("2", new byte[0])).isTrue();
        permits.release(3);
        eventually().untilAsserted(() -> assertThat(delivered).containsExactly("1", "fails", "2"));
    }

    @Test
    void messagesOfOneBatchStartTheThreadOnceAtItsEnd() {
        WakeBatch batch = new WakeBatch();
        permits.release(2);
        batch.during(() -> {
            put("1", new byte[0]);
            put("2", new byte[0]);
            assertThat(threads).hasValue(0);
            assertThat(queue.isIdle()).isFalse();
        });
        batch.end();
        eventually().until(queue::isIdle);
        assertThat(delivered).containsExactly("1", "2");
        assertThat(threads).hasValue(1);
    }

    @Test
    void aBatchThatFillsTheQueueStartsItsThreadBeforeItWaits() {
        permits.release(6);
        new WakeBatch().during(() -> {
            for (int i = 0; i < 6; i++) {
                assertThat(put("" + i, QUARTER)).isTrue();
            }
        });
    }

    @Test
    void aPromptMessageIsDeliveredByTheThreadThatBringsIt() {
        permits.release(3);
        assertThat(putPrompt("1")).isTrue();
        assertThat(putPrompt("fails")).isTrue();
        assertThat(putPrompt("2")).isTrue();
        assertThat(delivered).containsExactly("1", "fails", "2");
        assertThat(threadsOfPrompt).containsOnly(Thread.currentThread());
        assertThat(promptQueue.isIdle()).isTrue();
        assertThat(threads).as("parts that were busy").hasValue(3);
    }

    /** Between the question and the delivery, a lane may fill up. */
    @Test
    void aMessageThatIsPromptNoMoreWaitsInTheQueue() {
        permits.release(2);
        putPrompt("full");
        putPrompt("1");
        eventually().until(promptQueue::isIdle);
        assertThat(delivered).containsExactly("full", "1");
        assertThat(threadsOfPrompt.peek()).isNotEqualTo(Thread.currentThread());
    }

    @Test
    void aPromptMessageDoesNotOvertakeOneThatWaits() {
        permits.release(2);
        WakeBatch batch = new WakeBatch();
        batch.during(() -> {
            putPrompt("waits");
            putPrompt("1");
            assertThat(delivered).as("before its thread began").isEmpty();
        });
        batch.end();
        eventually().until(promptQueue::isIdle);
        assertThat(delivered).containsExactly("waits", "1");
    }

    @Test
    void aPromptMessageDoesNotOvertakeOneThatIsBeingDelivered() {
        putPrompt("waits");
        eventually().until(() -> !threadsOfPrompt.isEmpty());
        assertThat(CompletableFuture.supplyAsync(() -> putPrompt("1")))
                .as("without waiting for the one that is delivered")
                .succeedsWithin(Duration.ofSeconds(5));
        permits.release(2);
        eventually().until(promptQueue::isIdle);
        assertThat(delivered).containsExactly("waits", "1");
    }

    @Test
    void aMessageThatComesWhileAPromptOneIsDeliveredFollowsIt() {
        CompletableFuture<Boolean> first = CompletableFuture.supplyAsync(() -> putPrompt("1"));
        eventually().until(() -> !threadsOfPrompt.isEmpty());
        assertThat(promptQueue.isIdle()).isFalse();
        putPrompt("2");
        assertThat(threadsOfPrompt).hasSize(1);
        permits.release(2);
        assertThat(first).succeedsWithin(Duration.ofSeconds(20));
        eventually().until(promptQueue::isIdle);
        assertThat(delivered).containsExactly("1", "2");
    }

    /** Delivers 11 messages, each of which takes so long by the clock and wakes the same; returns how often it was woken. */
    private int wokenByMessagesThatTake(long nanos) {
        ManualTime clock = new ManualTime();
        AtomicInteger woken = new AtomicInteger();
        Runnable wake = woken::incrementAndGet;
        DeliveryQueue waking = new DeliveryQueue(
                "test",
                (_, _) -> {
                    WakeBatch.wake(wake);
                    clock.advance(Duration.ofNanos(nanos));
                },
                clock,
                threads,
                failures);
        WakeBatch batch = new WakeBatch();
        batch.during(() -> {
            for (int i = 0; i < 11; i++) {
                waking.put(new Publish(new TopicAddress(List.of(), "a"), new byte[0]), "");
            }
        });
        batch.end();
        eventually().until(waking::isIdle);
        return woken.get();
    }

    @Test
    void messagesWakeTheSameOnceForEachHalfMillisecond() {
        assertThat(wokenByMessagesThatTake(0)).isEqualTo(1);
        assertThat(wokenByMessagesThatTake(100_000)).isEqualTo(3);
        assertThat(wokenByMessagesThatTake(500_000)).isEqualTo(11);
    }

    @Test
    void aThreadThatPutsIntoAFullQueueWaitsForRoom() {
        for (int i = 0; i < 4; i++) {
            assertThat(put("" + i, QUARTER)).isTrue();
        }
        CompletableFuture<Boolean> fifth = CompletableFuture.supplyAsync(() -> put("4", QUARTER));
        // The message that the subscriber handles still counts.
        permits.release(5);
        assertThat(fifth).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(true);
        eventually().untilAsserted(() -> assertThat(delivered).containsExactly("0", "1", "2", "3", "4"));
    }

    @Test
    void aBlockedSubscriberIsAwaitedOnceAndThenMessagesAreDroppedUntilItContinues() {
        for (int i = 0; i < 4; i++) {
            assertThat(put("" + i, QUARTER)).isTrue();
        }
        assertThat(put("dropped", QUARTER)).as("after a second").isFalse();
        // A wait for each of them would take longer than the test may.
        for (int i = 0; i < 1_000; i++) {
            assertThat(put("dropped", new byte[0])).isFalse();
        }
        permits.release(1);
        eventually().untilAsserted(() -> assertThat(delivered).containsExactly("0"));
        eventually().until(() -> put("last", new byte[0]));
        permits.release(10);
        eventually().untilAsserted(() -> assertThat(delivered).containsExactly("0", "1", "2", "3", "last"));
    }

    @Test
    void anInterruptedThreadDropsItsMessage() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            assertThat(put("" + i, QUARTER)).isTrue();
        }
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Boolean> put = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            begun.countDown();
            put.complete(put("4", QUARTER));
        });
        begun.await();
        thread.interrupt();
        assertThat(put).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(false);
        permits.release(4);
        eventually().untilAsserted(() -> assertThat(delivered).hasSize(4));
    }
}
