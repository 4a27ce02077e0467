package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.session.lane.LaneEntry;
import io.heliodor.session.lane.LaneQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many producers and one consumer, bounded in bytes. */
class LaneQueueTests {
    private static final int PRODUCERS = 6;
    private static final int ENTRIES = 50_000;
    private static final int MIB = 1 << 20;

    @AutoClose
    private final TestServer server = new TestServer();

    private final LaneQueue queue = new LaneQueue();

    private static ConditionFactory eventually() {
        return Awaitility.await().atMost(TestServer.DEADLINE);
    }

    private static LaneEntry entry(byte[] message) {
        return new Session.MessageEntry(null, message);
    }

    private static LaneEntry broadcast(long cost) {
        return new LaneEntry() {
            @Override
            public boolean isBroadcast() {
                return true;
            }

            @Override
            public long expectedCost() {
                return cost;
            }

            @Override
            public void perform() {}
        };
    }

    private static LaneEntry entry(int producer, int number) {
        return entry(ByteBuffer.allocate(8).putInt(producer).putInt(number).array());
    }

    private static ByteBuffer content(LaneEntry entry) {
        return ByteBuffer.wrap(((Session.MessageEntry) entry).message);
    }

    private static void ended(List<Thread> producers) throws InterruptedException {
        for (Thread producer : producers) {
            assertThat(producer.join(TestServer.DEADLINE))
                    .as("%s has ended", producer)
                    .isTrue();
        }
    }

    @Test
    void anEmptyQueueReturnsNothing() {
        assertThat(queue.poll()).isNull();
        queue.add(entry(1, 1));
        assertThat(queue.poll()).isNotNull();
        assertThat(queue.poll()).isNull();
        assertThat(queue.poll()).isNull();
    }

    @Test
    void entriesComeOutInTheOrderInWhichTheyWentIn() {
        int next = 0;
        int taken = 0;
        for (int round = 1; round < 50; round++) {
            for (int i = 0; i < round; i++) {
                queue.add(entry(0, next++));
            }
            for (int i = 0; i < round - round % 3; i++) {
                assertThat(content(queue.poll()).getInt(4)).isEqualTo(taken++);
            }
        }
        for (LaneEntry entry = queue.poll(); entry != null; entry = queue.poll()) {
            assertThat(content(entry).getInt(4)).isEqualTo(taken++);
        }
        assertThat(taken).isEqualTo(next);
    }

    @Test
    void anEntryWhoseProducerIsHalfWayCountsAsNotThereYet() throws ReflectiveOperationException {
        VarHandle tail = MethodHandles.privateLookupIn(LaneQueue.class, MethodHandles.lookup())
                .findVarHandle(LaneQueue.class, "tail", LaneEntry.class);
        queue.add(entry(0, 0));
        LaneEntry halfWay = entry(0, 1);
        LaneEntry before = (LaneEntry) tail.getAndSet(queue, halfWay);
        queue.add(entry(0, 2));
        for (int i = 0; i < 3; i++) {
            assertThat(queue.poll()).isNull();
        }
        before.next = halfWay;
        for (int i = 0; i < 3; i++) {
            assertThat(content(queue.poll()).getInt(4)).isEqualTo(i);
        }
        assertThat(queue.poll()).isNull();
    }

    @Test
    void eachProducersEntriesKeepTheirOrderAndNoneIsLost() throws InterruptedException {
        List<Thread> producers = new ArrayList<>();
        for (int producer = 0; producer < PRODUCERS; producer++) {
            int own = producer;
            producers.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < ENTRIES; i++) {
                    queue.add(entry(own, i));
                    if (queue.messages().full()) {
                        queue.messages().await();
                    }
                }
            }));
        }
        var next = new int[PRODUCERS];
        int taken = 0;
        long begin = System.nanoTime();
        while (taken < PRODUCERS * ENTRIES) {
            LaneEntry entry = queue.poll();
            if (entry == null) {
                assertThat(System.nanoTime() - begin).as("%d taken", taken).isLessThan(TestServer.DEADLINE.toNanos());
                Thread.onSpinWait();
                continue;
            }
            ByteBuffer content = content(entry);
            int producer = content.getInt();
            assertThat(content.getInt()).as("entry of producer %d", producer).isEqualTo(next[producer]++);
            taken++;
        }
        assertThat(queue.poll()).isNull();
        ended(producers);
    }

    @Test
    void aTakenEntryHoldsNoLaterOne() {
        for (int i = 0; i < 3; i++) {
            queue.add(entry(0, i));
        }
        for (int i = 0; i < 3; i++) {
            LaneEntry taken = queue.poll();
            assertThat(taken).isNotNull();
            assertThat(taken.next).isNull();
        }
    }

    @Test
    void aQueueIsFullBeyondEightMebibytes() {
        queue.add(entry(new byte[8 * MIB - 64]));
        assertThat(queue.messages().full()).isFalse();
        queue.add(entry(new byte[0]));
        assertThat(queue.messages().full()).isTrue();
        queue.poll();
        assertThat(queue.messages().full()).isFalse();
    }

    @Test
    void messagesToOneClientDoNotWaitForTheRoomOfBroadcasts() {
        queue.add(broadcast(13 * MIB));
        assertThat(queue.broadcasts().full()).isTrue();
        assertThat(queue.messages().full()).isFalse();
        queue.add(entry(new byte[9 * MIB]));
        assertThat(queue.messages().full()).isTrue();
        queue.poll();
        assertThat(queue.broadcasts().full()).isFalse();
        assertThat(queue.messages().full()).isTrue();
        queue.poll();
        assertThat(queue.messages().full()).isFalse();
    }

    /** The first that wake are the 64 that waited longest. If they add nothing, the others wake when the queue is empty. */
    @Test
    void noProducerIsForgottenWhenThoseThatWokeFirstAddNothing() throws InterruptedException {
        queue.add(entry(new byte[9 * MIB]));
        queue.add(entry(new byte[0]));
        List<Thread> producers = new ArrayList<>();
        for (int count : new int[] {64, 36}) {
            for (int i = 0; i < count; i++) {
                producers.add(Thread.ofVirtual().start(queue.messages()::await));
            }
            eventually().until(() -> producers.stream().allMatch(each -> each.getState() == Thread.State.WAITING));
        }
        queue.poll();
        ended(producers.subList(0, 64));
        assertThat(producers.subList(64, 100)).allMatch(Thread::isAlive);
        queue.poll();
        assertThat(queue.poll()).isNull();
        ended(producers);
    }

    @Test
    void entriesWithoutAMessageDoNotFillTheQueue() {
        for (int i = 0; i < 100_000; i++) {
            queue.add(new LaneEntry.Task(() -> {}));
        }
        assertThat(queue.messages().full()).isFalse();
    }

    @Test
    void aProducerThatWaitsGoesOnWhenThereIsRoom() throws InterruptedException {
        queue.add(entry(new byte[8 * MIB]));
        queue.add(entry(new byte[MIB]));
        queue.add(entry(new byte[MIB]));
        var through = new AtomicInteger();
        List<Thread> producers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            producers.add(Thread.ofVirtual().start(() -> {
                queue.messages().await();
                through.incrementAndGet();
            }));
        }
        eventually().until(() -> producers.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        assertThat(through).hasValue(0);
        queue.poll();
        ended(producers);
        assertThat(through).hasValue(3);
    }

    @Test
    void anInterruptedProducerWaitsNoMoreAndStaysInterrupted() throws InterruptedException {
        queue.add(entry(new byte[9 * MIB]));
        var interrupted = new AtomicBoolean();
        Thread producer = Thread.ofVirtual().start(() -> {
            queue.messages().await();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        eventually().until(() -> producer.getState() == Thread.State.WAITING);
        producer.interrupt();
        ended(List.of(producer));
        assertThat(interrupted).isTrue();
        assertThat(queue.messages().full()).isTrue();
    }

    @Test
    void noWakeUpIsLost() throws InterruptedException {
        for (int round = 0; round < 500; round++) {
            queue.add(entry(new byte[8 * MIB]));
            queue.add(entry(new byte[1]));
            Thread producer = Thread.ofVirtual().start(queue.messages()::await);
            queue.poll();
            queue.poll();
            ended(List.of(producer));
        }
    }

    @Test
    void aPublisherThatIsFarAheadOfTheLoopWaitsForIt() throws InterruptedException {
        server.serve("room:*", Channel.join(join -> Join.ok("a")).build());
        Client client = server.connect();
        client.joins("3", "room:42");
        client.isCareless();
        String large = "x".repeat(MIB);
        var published = new AtomicInteger();
        Thread publisher = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 20; i++) {
                server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(large));
                published.incrementAndGet();
            }
        });
        eventually().until(() -> publisher.getState() == Thread.State.WAITING);
        assertThat(published).as("published before the loop took anything").hasValue(12);
        server.await(() -> client.messagesTaken() == 21, client::toString);
        ended(List.of(publisher));
        assertThat(published).hasValue(20);
    }

    @Test
    @Timeout(120)
    void theLoopItselfNeverWaits() {
        server.serve("room:*", Channel.join(join -> Join.ok("a")).build());
        Client client = server.connect();
        client.joins("3", "room:42");
        client.isCareless();
        String large = "x".repeat(MIB);
        for (int i = 0; i < 20; i++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(large));
        }
        server.await(() -> client.messagesTaken() == 21, client::toString);
    }
}
