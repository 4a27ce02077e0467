package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop of a kit is a platform thread, which a clock that waits for idle threads must not miss. */
@Timeout(60)
class KitLoopTests {
    private final KitLoop loop = KitLoop.started();
    private final QuiescenceDetector detector = new QuiescenceDetector(() -> true);
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void close() {
        end.countDown();
        loop.close();
    }

    private void block() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aTaskThatRunsIsNotIdle() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        loop.execute(() -> {
            running.countDown();
            block();
        });
        running.await();
        assertThat(detector.threadsIdle()).isFalse();
        end.countDown();
        await().until(detector::threadsIdle);
    }

    @Test
    void aTaskThatWaitsIsNotIdle() {
        loop.execute(this::block);
        loop.execute(() -> {});
        assertThat(detector.threadsIdle()).isFalse();
    }

    @Test
    void aTimerIsATaskWhenItIsDue() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        loop.schedule(
                () -> {
                    running.countDown();
                    block();
                },
                0);
        running.await();
        assertThat(detector.threadsIdle()).isFalse();
    }

    @Test
    void aClosedLoopIsIdle() {
        KitLoop other = KitLoop.started();
        other.close();
        other.execute(() -> {});
        await().until(detector::threadsIdle);
    }
}
