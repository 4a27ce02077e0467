package io.heliodor.transport.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Loops that do not turn, at the times of a test. */
class LoopWatchdogTests {
    private final Counters counters = new Counters();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private long now;
    private final LoopWatchdog watchdog =
            new LoopWatchdog(List.of((Runnable task) -> tasks.add(task), Runnable::run), counters, () -> now);

    @BeforeEach
    void clear() {
        RecordedLog.clear();
    }

    @Test
    void aLoopThatTurnsIsNotReported() {
        for (int i = 0; i < 20; i++) {
            passes(LoopWatchdog.PERIOD);
            turns();
        }
        assertThat(stalls()).isZero();
    }

    @Test
    void aLoopThatDoesNotTurnForASecondIsReportedOnceWithItsStack() {
        passes(LoopWatchdog.PERIOD);
        turns();
        for (int i = 0; i < 4; i++) {
            passes(LoopWatchdog.PERIOD);
        }
        assertThat(stalls()).isZero();
        for (int i = 0; i < 10; i++) {
            passes(LoopWatchdog.PERIOD);
        }
        assertThat(stalls()).isOne();
        assertThat(tasks).as("tasks that wait at the loop").hasSize(1);
        assertThat(RecordedLog.lines(Level.ERROR, "has not turned for 1000 ms"))
                .singleElement()
                .asString()
                .contains(Thread.currentThread().getName())
                .contains("aLoopThatDoesNotTurnForASecondIsReportedOnceWithItsStack");
    }

    @Test
    void aLoopIsReportedAgainAfterItHasTurned() {
        for (int stall = 0; stall < 3; stall++) {
            for (int i = 0; i < 8; i++) {
                passes(LoopWatchdog.PERIOD);
            }
            turns();
        }
        assertThat(stalls()).isEqualTo(3);
    }

    @Test
    void aPauseOfTheProcessDoesNotCount() {
        passes(LoopWatchdog.PERIOD);
        passes(Duration.ofMinutes(5));
        passes(LoopWatchdog.PERIOD);
        turns();
        passes(LoopWatchdog.PERIOD);
        assertThat(stalls()).isZero();
    }

    @Test
    void aLoopThatEndsIsReportedOnce() {
        LoopWatchdog watched = endingLoop();
        checksOften(watched);
        assertThat(stalls()).isOne();
        assertThat(RecordedLog.lines(Level.ERROR, "has ended, though the server runs"))
                .singleElement()
                .asString()
                .contains(Thread.currentThread().getName());
    }

    @Test
    void aLoopThatTheServerStopsIsNotReported() {
        LoopWatchdog watched = endingLoop();
        watched.expectEnd();
        checksOften(watched);
        assertThat(stalls()).isZero();
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
    }

    /** A watchdog of a loop that runs one task and then ends. */
    private LoopWatchdog endingLoop() {
        AtomicBoolean ended = new AtomicBoolean();
        return new LoopWatchdog(
                List.of((Runnable task) -> {
                    if (ended.getAndSet(true)) {
                        throw new RejectedExecutionException();
                    }
                    task.run();
                }),
                counters,
                () -> now);
    }

    private void checksOften(LoopWatchdog watched) {
        for (int i = 0; i < 20; i++) {
            now += LoopWatchdog.PERIOD.toNanos();
            watched.check();
        }
    }

    private void passes(Duration time) {
        now += time.toNanos();
        watchdog.check();
    }

    private void turns() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private long stalls() {
        return counters.get(Counter.LOOPS_STALLED);
    }
}
