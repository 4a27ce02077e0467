package io.heliodor.session.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.batch.WakeBatch;
import io.heliodor.session.telemetry.Counters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Turns of a lane and the I/O of its loop. */
class LaneTests {
    private final Passes loop = new Passes();
    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final Lane lane =
            new Lane(loop, new Counters().traffic(), () -> false, () -> {}, threads::add, Optional.empty());
    private final List<String> log = new ArrayList<>();

    /** A loop like that of Netty: runs every task that is queued or is added meanwhile, then does I/O. */
    private final class Passes implements Loop {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final Queue<Runnable> after = new ArrayDeque<>();
        private boolean ended;

        void pass() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            for (Runnable task = after.poll(); task != null; task = after.poll()) {
                task.run();
            }
            log.add("I/O");
        }

        @Override
        public boolean inEventLoop() {
            return true;
        }

        @Override
        public boolean execute(Runnable task) {
            return !ended && tasks.add(task);
        }

        @Override
        public void schedule(Runnable task, long nanos) {
            // Batches are not watched here.
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

    private void add(String name) {
        lane.add(new LaneEntry.Task(() -> log.add(name)));
    }

    @Test
    void aTurnWhoseBudgetIsUsedUpGoesOnAfterIo() {
        for (int i = 0; i < 2 * 4_096 + 1; i++) {
            lane.add(new LaneEntry.Task(() -> {
                if (log.isEmpty() || log.getLast().equals("I/O")) {
                    log.add("turn");
                }
            }));
        }
        for (int i = 0; i < 4; i++) {
            loop.pass();
        }
        assertThat(log).containsExactly("turn", "I/O", "turn", "I/O", "turn", "I/O", "I/O");
        assertThat(lane.isIdle()).isTrue();
    }

    @Test
    void signalsWithoutPauseDoNotKeepTheLoopFromItsIo() {
        lane.add(new LaneEntry.Task(() -> {
            log.add("a");
            // Like a publisher on another thread while the turn runs: the turn has taken its entries by then.
            loop.execute(() -> add("b"));
        }));
        loop.pass();
        loop.pass();
        assertThat(log).containsExactly("a", "I/O", "b", "I/O");
    }

    @Test
    void aBatchWakesTheLoopAtItsEndAndOthersDoNotWaitForIt() {
        WakeBatch batch = new WakeBatch();
        batch.during(() -> {
            add("a");
            add("b");
        });
        loop.pass();
        assertThat(log).containsExactly("I/O");
        batch.end();
        loop.pass();
        assertThat(log).containsExactly("I/O", "a", "b", "I/O");

        log.clear();
        WakeBatch slow = new WakeBatch();
        slow.during(() -> add("c"));
        add("d");
        loop.pass();
        assertThat(log).containsExactly("c", "d", "I/O");
    }

    @Test
    void aLaneWithABatchThatPutsWakeUpsOffIsNotIdle() {
        lane.ready(() -> {});
        lane.ready(() -> {});
        loop.pass();
        assertThat(lane.isIdle()).isFalse();
        threads.remove().run();
        loop.pass();
        assertThat(lane.isIdle()).isTrue();
    }

    @Test
    void aTurnThatIsDueOnlyOnceRunsOnce() {
        add("a");
        loop.pass();
        add("b");
        loop.pass();
        loop.pass();
        assertThat(log).containsExactly("a", "I/O", "b", "I/O", "I/O");
    }

    /** The scheduler of the JDK serves the threads that virtual threads start before those of the loops. */
    @Test
    void aChannelThatHadItsShareIsStartedByTheLoopInALaterTurn() {
        lane.add(new LaneEntry.Task(() -> lane.resumeLater(() -> log.add("channel"))));
        loop.pass();
        assertThat(threads).isEmpty();
        loop.pass();
        threads.remove().run();
        assertThat(log).containsExactly("I/O", "I/O", "channel");
    }

    @Test
    void aChannelGoesOnThoughItsLoopHasEnded() {
        loop.ended = true;
        lane.resumeLater(() -> log.add("channel"));
        threads.remove().run();
        lane.performLater(() -> log.add("task"));
        assertThat(log).containsExactly("channel", "task");
    }

    @Test
    void clientsThatHadTheirShareAreReadAgainWhenProcessorsHaveComeToTheirHandlers() {
        FlowControl client = TestReader.of(lane);
        lane.addReader(client);
        loop.pass();
        assertThat(lane.isIdle()).isTrue();

        lane.ready(() -> {});
        lane.addReader(client);
        loop.pass();
        assertThat(lane.isIdle()).as("its handler waits for a processor").isFalse();
        // The messages of others do not delay it further.
        lane.ready(() -> {});
        loop.pass();
        threads.remove().run();
        loop.pass();
        assertThat(lane.isIdle()).isTrue();
        assertThat(threads).hasSize(1);
    }
}
