package io.heliodor.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.benchmarks.cluster.MessageHeader.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class WindowTests {
    private static MessageHeader received(int from, int trial, long number) {
        return new MessageHeader(Kind.RECEIVED, from, trial, number);
    }

    @Test
    void theSlowestReceiverBlocksTheSender() throws Exception {
        Window window = new Window(3, 200);
        int most = Window.of(200);
        window.begin(7, 1, 3);
        window.await(most - 1);
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> passed = new CompletableFuture<>();
        Thread sender = Thread.ofVirtual().start(() -> {
            begun.countDown();
            try {
                window.await(most);
                passed.complete(null);
            } catch (Exception e) {
                passed.completeExceptionally(e);
            }
        });
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        Awaitility.await().until(() -> sender.getState() == Thread.State.TIMED_WAITING);
        window.received(received(1, 7, 100));
        window.received(received(2, 6, 100));
        assertThat(passed).isNotDone();
        window.received(received(2, 7, 1));
        passed.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aWindowOfLargeMessagesHasFewer() {
        assertThat(Window.of(200)).isEqualTo(8_192);
        assertThat(Window.of(65_536)).isEqualTo(32);
        assertThat(Window.of(1_048_576)).isEqualTo(16);
    }
}
