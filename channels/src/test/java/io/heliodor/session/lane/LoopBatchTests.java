package io.heliodor.session.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.batch.WakeBatch;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.LaneFigure;
import io.heliodor.session.telemetry.LaneTraffic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers that a lane runs on its loop, which is the thread of the test. */
@Timeout(60)
class LoopBatchTests {
    private static final long LONG = Promotion.LONG_STAY_NANOS + 1;

    private final Thread loopThread = Thread.currentThread();
    private final TestLoop loop = new TestLoop();
    private final Queue<Runnable> pool = new ArrayDeque<>();
    private final LaneTraffic traffic = new Counters().traffic();
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong now = new AtomicLong();
    private final AtomicLong stolen = new AtomicLong();

    /** Whether the clock fails once on the loop. */
    private volatile boolean faulty;

    private final Lane lane = new Lane(
            loop,
            traffic,
            () -> false,
            () -> {},
            pool::add,
            Optional.of(new LoopHandlers(LoopThreads.find().orElseThrow(), this::now, stolen::get)));

    private long now() {
        if (faulty && loop.inEventLoop()) {
            faulty = false;
            throw new IllegalStateException("a fault of the clock");
        }
        return now.get();
    }

    /** Tasks that other threads add, too. */
    private final class TestLoop implements Loop {
        private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        private final Queue<Runnable> after = new ConcurrentLinkedQueue<>();

        void pass() {
            run(tasks);
            run(after);
            log.add("I/O");
        }

        private void run(Queue<Runnable> queue) {
            for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
                task.run();
            }
        }

        @Override
        public boolean inEventLoop() {
            return Thread.currentThread().equals(loopThread);
        }

        @Override
        public boolean execute(Runnable task) {
            return tasks.add(task);
        }

        @Override
        public void schedule(Runnable task, long nanos) {
            // Batches in the pool are not watched here.
        }

        @Override
        public void afterTasks(Runnable task) {
            after.add(task);
        }

        @Override
        public Shared share(List<byte[]> messages) {
            throw new UnsupportedOperationException();
        }
    }

    /** A channel with one handler, which is promoted. */
    private class Channel implements LoopTask {
        private final String name;
        private final Promotion promotion = new Promotion(1);
        private final Runnable handler;

        Channel(String name, Runnable handler) {
            this.name = name;
            this.handler = handler;
            while (!promotion.isPromoted()) {
                promotion.returned(0, 0);
            }
        }

        @Override
        public boolean startsOnLoop() {
            return promotion.isPromoted();
        }

        @Override
        public void runOnLoop(LoopBatch batch) {
            batch.begins(promotion);
            handler.run();
            if (batch.isOnLoop()) {
                batch.ended();
            }
        }

        @Override
        public void run() {
            log.add(name + " in the pool");
            handler.run();
        }

        @Override
        public String running() {
            return name;
        }
    }

    private void write(String what) {
        lane.add(new LaneEntry.Task(() -> log.add(what)));
    }

    private Channel writer(String name) {
        return new Channel(name, () -> write(name));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aHandlerRunsInTheTurnOnAVirtualThreadAndItsWritesToo() {
        lane.ready(new Channel("a", () -> {
            assertThat(Thread.currentThread().isVirtual()).isTrue();
            assertThat(loop.inEventLoop()).isFalse();
            write("a");
        }));
        lane.ready(writer("b"));
        loop.pass();
        assertThat(log).containsExactly("a", "b", "I/O");
        assertThat(pool).isEmpty();
        assertThat(loop.tasks).as("no further turn").isEmpty();
    }

    @Test
    void aChannelThatBecomesReadyByAWriteRunsInTheNextTurn() {
        Channel second = writer("b");
        lane.ready(new Channel("a", () -> lane.add(new LaneEntry.Task(() -> lane.readyInTurn(second)))));
        loop.pass();
        loop.pass();
        assertThat(log).containsExactly("I/O", "b", "I/O");
    }

    @Test
    void aHandlerThatBlocksLeavesTheLoopAndTheNextChannelRuns() throws Exception {
        CountDownLatch awaited = new CountDownLatch(1);
        lane.ready(new Channel("a", () -> {
            write("before");
            await(awaited);
            write("after");
        }));
        lane.ready(writer("b"));
        loop.pass();
        assertThat(log).containsExactly("before", "b", "I/O");

        awaited.countDown();
        // Its write wakes the lane.
        Runnable turn = loop.tasks.poll(20, TimeUnit.SECONDS);
        assertThat(turn).isNotNull();
        turn.run();
        assertThat(log).containsExactly("before", "b", "I/O", "after");
    }

    /** As the senders to other nodes do. */
    @Test
    void whatHandlersWakeIsWokenOnceBeforeTheirTurnEndsAndImmediatelyAfterABlock() throws Exception {
        Runnable peer = () -> log.add("peer");
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        lane.ready(new Channel("a", () -> WakeBatch.wake(peer)));
        lane.ready(new Channel("b", () -> {
            WakeBatch.wake(peer);
            log.add("blocks");
            await(gate);
            WakeBatch.wake(peer);
            done.countDown();
        }));
        loop.pass();
        assertThat(log).containsExactly("blocks", "peer", "I/O");
        gate.countDown();
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(log).containsExactly("blocks", "peer", "I/O", "peer");
    }

    @Test
    void aHandlerThatHasBlockedGoesOnInThePool() throws Exception {
        CountDownLatch awaited = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        lane.ready(new Channel("a", () -> {
            await(awaited);
            done.countDown();
        }));
        loop.pass();
        awaited.countDown();
        // The loop runs nothing meanwhile.
        assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aThreadThatAHandlerStartsDoesNotRunOnTheLoop() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        lane.ready(new Channel("a", () -> {
            Thread.startVirtualThread(done::countDown);
            write("a");
        }));
        loop.pass();
        assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
        assertThat(log).containsExactly("a", "I/O");
    }

    @Test
    void theTimeUntilAHandlerBlocksCountsAndNotTheTimeOfItsWait() throws Exception {
        CountDownLatch awaited = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Channel waiting = new Channel("a", () -> {
            await(awaited);
            now.addAndGet(LONG);
            done.countDown();
        });
        Channel computing = new Channel("b", () -> {
            now.addAndGet(LONG);
            await(awaited);
        });
        lane.ready(waiting);
        lane.ready(computing);
        loop.pass();
        awaited.countDown();
        assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting.promotion.isPromoted()).isTrue();
        assertThat(computing.promotion.isPromoted()).isFalse();
    }

    @Test
    void aLongStaySendsTheHandlerBackToThePool() {
        Channel channel = new Channel("a", () -> now.addAndGet(LONG));
        lane.ready(channel);
        loop.pass();
        assertThat(traffic.get(LaneFigure.LONG_STAYS)).isOne();
        lane.ready(channel);
        loop.pass();
        pool.remove().run();
        assertThat(log).containsExactly("I/O", "I/O", "a in the pool");
    }

    @Test
    void aLogThatFailsEndsNoChannel() {
        Channel channel = new Channel("a", () -> now.addAndGet(LONG)) {
            @Override
            public void runOnLoop(LoopBatch batch) {
                super.runOnLoop(batch);
                log.add("goes on");
            }

            @Override
            public String running() {
                throw new IllegalStateException("a fault of the log");
            }
        };
        lane.ready(channel);
        loop.pass();
        assertThat(log).containsExactly("goes on", "I/O");
        assertThat(traffic.get(LaneFigure.LONG_STAYS)).isOne();
    }

    @Test
    void timeInWhichTheLoopCouldNotRunDoesNotCount() {
        Channel first = new Channel("a", () -> now.addAndGet(LONG));
        lane.ready(first);
        loop.pass();
        Channel stopped = new Channel("b", () -> {
            now.addAndGet(LONG);
            stolen.addAndGet(10);
        });
        lane.ready(stopped);
        loop.pass();
        assertThat(stopped.promotion.isPromoted()).isTrue();
        Channel computing = new Channel("c", () -> now.addAndGet(LONG));
        lane.ready(computing);
        loop.pass();
        assertThat(computing.promotion.isPromoted()).as("it was stolen before").isFalse();
    }

    @Test
    void aThreadOfThePoolGetsTheChannelsThatTheTimeOfATurnDoesNotSufficeFor() {
        for (String name : List.of("a", "b", "c", "d")) {
            lane.ready(new Channel(name, () -> {
                now.addAndGet(300_000);
                write(name);
            }));
        }
        loop.pass();
        assertThat(log).containsExactly("a", "b", "I/O");
        pool.remove().run();
        loop.pass();
        assertThat(log).containsExactly("a", "b", "I/O", "c in the pool", "d in the pool", "c", "d", "I/O");
        assertThat(pool).isEmpty();
    }

    @Test
    void aFaultOfAChannelCostsNoOtherItsTurn() {
        lane.ready(new Channel("a", () -> {
            throw new IllegalStateException("a fault of the server");
        }));
        lane.ready(writer("b"));
        loop.pass();
        assertThat(log).containsExactly("b", "I/O");
    }

    @Test
    void aFaultOfTheLaneLeavesItAbleToTurnAndRunsTheRestInThePool() {
        lane.ready(new Channel("a", () -> {
            now.addAndGet(600_000);
            faulty = true;
        }));
        lane.ready(writer("b"));
        loop.pass();
        pool.remove().run();
        loop.pass();
        loop.pass();
        assertThat(log).containsSubsequence("b in the pool", "b");
    }

    @Test
    void theThreadsAreFoundOnAVirtualThread() throws Exception {
        boolean[] found = new boolean[1];
        Thread.startVirtualThread(() -> found[0] = LoopThreads.find().isPresent())
                .join();
        assertThat(found[0]).isTrue();
    }

    /** A broadcast of a mebibyte. */
    private static final class LargeEntry extends LaneEntry {
        @Override
        public boolean isBroadcast() {
            return true;
        }

        @Override
        public long expectedCost() {
            return 1 << 20;
        }

        @Override
        public void perform() {
            // It has a size only.
        }
    }

    private static volatile Runnable pinnedTask = () -> {};

    /** The initializer of a class pins its thread. */
    private static final class Pinned {
        static {
            pinnedTask.run();
        }

        static void run() {
            // Loads the class.
        }
    }

    @Test
    void aHandlerThatIsPinnedToTheLoopDoesNotWaitForItsLane() {
        pinnedTask = () -> {
            lane.awaitBroadcastCapacity();
            log.add("has not waited");
        };
        lane.ready(new Channel("a", () -> {
            for (int i = 0; i < 16; i++) {
                lane.add(new LargeEntry());
            }
            Pinned.run();
        }));
        loop.pass();
        assertThat(log).containsExactly("has not waited", "I/O");
    }

    @Test
    void aHandlerThatHoldsTheLoopIsFoundWithItsStack() throws Exception {
        LoopWatch watch = new LoopWatch(List.of(lane), () -> 0);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch found = new CountDownLatch(1);
        lane.ready(new Channel("a", () -> {
            begun.countDown();
            while (found.getCount() > 0) {
                Thread.onSpinWait();
            }
        }));
        List<String> stack = new ArrayList<>();
        Thread watching = Thread.ofPlatform().start(() -> {
            await(begun);
            boolean ran = watch.look();
            LoopBatch batch = lane.onLoop().orElseThrow().current();
            for (StackTraceElement frame : batch.stack()) {
                stack.add(frame.getMethodName());
            }
            stack.add(batch.running() + " " + ran);
            found.countDown();
        });
        loop.pass();
        watching.join();
        assertThat(stack).contains("runOnLoop", "a true").doesNotContain("pass");
        assertThat(watch.look()).as("nothing ran since").isFalse();
    }
}
