package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ProcessorShareTests {
    private static final long DEADLINE_SECONDS = 20;

    /** As many as there are processors: without a share they keep each of them until they end. */
    @Test
    void threadsThatAreNeverIdleLetOthersRun() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> busy = new ArrayList<>();
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            busy.add(Thread.ofVirtual().start(() -> {
                ProcessorShare share = new ProcessorShare();
                while (!stop.get()) {
                    share.step();
                }
            }));
        }
        try {
            for (int i = 0; i < 100; i++) {
                CountDownLatch ran = new CountDownLatch(1);
                Thread.ofVirtual().start(ran::countDown);
                assertThat(ran.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            stop.set(true);
        }
        for (Thread each : busy) {
            each.join();
        }
    }
}
