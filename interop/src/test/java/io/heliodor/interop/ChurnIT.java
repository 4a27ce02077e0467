package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A hundred clients a second connect, join new topics, send, crash handlers, stop reading, and end in all ways.
 * Afterwards no state of them is left. {@code -Dheliodor.churn=PT30M} makes it longer than the minute of a build.
 */
@Tag("long")
class ChurnIT {
    private static final Duration LASTS = Duration.parse(System.getProperty("heliodor.churn", "PT1M"));
    private static final Duration WARM = Duration.ofSeconds(20);
    private static final int A_SECOND = 100;
    private static final Duration BACK = Duration.ofSeconds(60);

    @AutoClose("kill")
    private final ServerProcess server = new ServerProcess();

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger numbers = new AtomicInteger();

    ChurnIT() throws Exception {}

    @Test
    void noStateOfDisconnectedClientsIsLeft() throws Exception {
        churn(WARM);
        ServerProcess.Footprint before = atRest();
        churn(LASTS.minus(WARM));
        ServerProcess.Footprint after = atRest();
        System.out.println(numbers.get() + " clients came and went; before " + before + ", after " + after);
        assertThat(after.threads()).as("threads").isLessThanOrEqualTo(before.threads() + 5);
        assertThat(after.descriptors()).as("descriptors").isLessThanOrEqualTo(before.descriptors() + 5);
        assertThat(after.heapKilobytes()).as("KB of heap").isLessThan(before.heapKilobytes() + 8_192);
    }

    /** The footprint when no client is left in the tables of the server. */
    private ServerProcess.Footprint atRest() throws IOException, InterruptedException {
        await().atMost(BACK)
                .untilAsserted(() ->
                        assertThat(server.health()).contains("\"connections\":0", "\"channels\":0", "\"topics\":0"));
        return server.footprint();
    }

    private void churn(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        Phaser clients = new Phaser(1);
        for (long next = System.nanoTime(); next - end < 0; next += TimeUnit.SECONDS.toNanos(1) / A_SECOND) {
            LockSupport.parkNanos(next - System.nanoTime());
            clients.register();
            Thread.ofVirtual().start(() -> {
                try {
                    client(numbers.incrementAndGet());
                } catch (Throwable e) {
                    failures.add(e);
                } finally {
                    clients.arriveAndDeregister();
                }
            });
        }
        clients.arriveAndAwaitAdvance();
        assertThat(failures).isEmpty();
    }

    private void client(int number) throws IOException, InterruptedException {
        String topic = "room:churn-" + number;
        try (PlainSocket socket = new PlainSocket(server.port())) {
            socket.joins(topic, "{\"user\":\"u" + number + "\"}");
            socket.receives("presence_state");
            switch (number % 6) {
                case 0 -> socket.resets();
                case 1 -> {
                    socket.sends("[\"1\",\"2\",\"" + topic + "\",\"crash\",{}]");
                    socket.receives("phx_error");
                }
                case 2 -> {
                    socket.sends("[\"1\",\"2\",\"" + topic + "\",\"phx_leave\",{}]");
                    socket.receives("phx_close");
                }
                case 3 -> {
                    socket.sends("[\"1\",\"2\",\"" + topic + "\",\"shout\",{\"n\":1}]");
                    socket.receives("shout");
                    socket.sends("[\"2\",\"3\",\"" + topic + "\",\"phx_join\",{\"user\":\"again\"}]");
                    socket.receives("\"ok\"");
                }
                case 4 -> {
                    // Sends much, reads nothing, and closes after a while.
                    for (int i = 0; i < 20; i++) {
                        socket.sends(
                                "[\"1\",\"2\",\"" + topic + "\",\"shout\",{\"text\":\"" + "x".repeat(20_000) + "\"}]");
                    }
                    Thread.sleep(2_000);
                    socket.resets();
                }
                default -> {
                    socket.sends("[\"1\",\"2\",\"" + topic + "\",\"slow\",{\"ms\":500}]");
                    socket.sends("no frame");
                }
            }
        }
    }
}
