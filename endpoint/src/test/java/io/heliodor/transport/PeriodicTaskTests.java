package io.heliodor.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.fixtures.RecordedLog;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class PeriodicTaskTests {
    private static final Duration PERIOD = Duration.ofMillis(1);

    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void aTaskRunsPeriodicallyOnOneThreadAndNeverAfterItsEnd() {
        var thread = new AtomicReference<Thread>();
        var others = new AtomicInteger();
        try (PeriodicTask sweeper = PeriodicTask.start("counting", PERIOD, () -> {
            if (!thread.compareAndSet(null, Thread.currentThread())
                    && !Thread.currentThread().equals(thread.get())) {
                others.incrementAndGet();
            }
            runs.incrementAndGet();
        })) {
            assertThat(sweeper).isNotNull();
            await().until(() -> runs.get() >= 20);
        }
        assertThat(thread.get().isAlive()).isFalse();
        assertThat(thread.get().isVirtual()).isTrue();
        assertThat(others).hasValue(0);
    }

    @Test
    void aRunThatFailsIsLoggedAndTheNextOneComes() {
        RecordedLog.clear();
        try (PeriodicTask sweeper = PeriodicTask.start("counting", PERIOD, () -> {
            if (runs.incrementAndGet() == 1) {
                throw new StackOverflowError("on purpose");
            }
        })) {
            assertThat(sweeper).isNotNull();
            await().until(() -> runs.get() >= 3);
        }
        assertThat(RecordedLog.lines(Level.ERROR, "counting")).hasSize(1);
    }

    @Test
    void aRunUnderWayIsTheLast() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        PeriodicTask sweeper = PeriodicTask.start("counting", PERIOD, () -> {
            runs.incrementAndGet();
            begun.countDown();
            awaitUninterruptibly(end);
        });
        begun.await();
        sweeper.close(); // does not wait for it without end
        end.countDown();
        sweeper.close();
        assertThat(runs).hasValue(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                // The sweeper's end: continues, as a long run would.
            }
        }
    }
}
