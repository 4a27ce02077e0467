package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Link.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutboxTests {
    private static final int CAPACITY = 1_000;

    @AutoClose
    private final Time time = Time.machine("outbox");

    private final Outbox outbox = new Outbox(1, 2, CAPACITY, time);
    private final List<byte[]> batch = new ArrayList<>();

    private static byte[] bytes(int length) {
        return new byte[length];
    }

    @Test
    void nothingIsQueuedBeforeTheSessionWasTold() {
        assertThat(outbox.add(bytes(1), false)).isEqualTo(Sent.NO_SESSION);
        outbox.open();
        assertThat(outbox.add(bytes(1), false)).isEqualTo(Sent.QUEUED);
    }

    @Test
    void nothingIsQueuedWhenItIsShut() {
        outbox.open();
        outbox.add(bytes(1), false);
        outbox.shut();
        outbox.open();
        assertThat(outbox.add(bytes(1), true)).isEqualTo(Sent.NO_SESSION);
        assertThat(outbox.waits()).isFalse();
    }

    @Test
    void whoOffersToAFullQueueHarmsNothing() {
        outbox.open();
        outbox.add(bytes(900), false);
        assertThat(outbox.add(bytes(900), false)).isEqualTo(Sent.FULL);
        assertThat(outbox.add(bytes(1), false)).isEqualTo(Sent.QUEUED);
    }

    @Test
    void whoInsistsShutsAFullQueueInTheSameStep() {
        outbox.open();
        outbox.add(bytes(900), false);
        assertThat(outbox.add(bytes(900), true)).isEqualTo(Sent.FULL);
        assertThat(outbox.add(bytes(1), false)).isEqualTo(Sent.NO_SESSION);
        assertThat(outbox.take(batch, CAPACITY)).isFalse();
    }

    @Test
    void oneThatIsLargerThanTheQueuePassesAlone() {
        outbox.open();
        assertThat(outbox.add(bytes(5_000), false)).isEqualTo(Sent.QUEUED);
        assertThat(outbox.add(bytes(0), false)).isEqualTo(Sent.FULL);
        outbox.take(batch, 100);
        assertThat(outbox.add(bytes(0), false)).as("not sent yet").isEqualTo(Sent.FULL);
        outbox.sent();
        assertThat(outbox.add(bytes(0), false)).isEqualTo(Sent.QUEUED);
    }

    @Test
    void emptyOnesAreBoundedToo() {
        outbox.open();
        int queued = 0;
        while (outbox.add(bytes(0), false) == Sent.QUEUED) {
            queued++;
            assertThat(queued).isLessThan(CAPACITY);
        }
    }

    @Test
    void aBatchHasAtLeastOneAndNoMoreThanFit() {
        outbox.open();
        outbox.add(bytes(200), false);
        outbox.add(bytes(40), false);
        outbox.add(bytes(60), false);
        outbox.add(bytes(1), false);
        assertThat(outbox.take(batch, 100)).isTrue();
        assertThat(batch).hasSize(1);
        batch.clear();
        outbox.take(batch, 100);
        assertThat(batch).hasSize(2);
        batch.clear();
        outbox.take(batch, 100);
        assertThat(batch).hasSize(1);
        batch.clear();
        assertThat(outbox.take(batch, 100)).isFalse();
    }

    @Test
    void whoWaitsGetsRoomWhenItWasSent() throws Exception {
        outbox.open();
        outbox.add(bytes(900), false);
        CompletableFuture<Sent> waiting = waiting(Duration.ofMinutes(1));
        outbox.take(batch, CAPACITY);
        assertThat(waiting).isNotDone();
        outbox.sent();
        assertThat(waiting.get()).isEqualTo(Sent.QUEUED);
    }

    @Test
    void whoWaitsForASessionThatEndsIsLetGo() throws Exception {
        outbox.open();
        outbox.add(bytes(900), false);
        CompletableFuture<Sent> waiting = waiting(Duration.ofMinutes(1));
        outbox.shut();
        assertThat(waiting.get()).isEqualTo(Sent.NO_SESSION);
    }

    @Test
    void whoWaitedInVainShutsTheQueue() throws Exception {
        outbox.open();
        outbox.add(bytes(900), false);
        assertThat(outbox.add(bytes(900), 1_000L)).isEqualTo(Sent.FULL);
        assertThat(outbox.add(bytes(1), false)).isEqualTo(Sent.NO_SESSION);
    }

    private CompletableFuture<Sent> waiting(Duration time) {
        var result = new CompletableFuture<Sent>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(outbox.add(bytes(900), time.toNanos()));
            } catch (InterruptedException e) {
                result.completeExceptionally(e);
            }
        });
        Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);
        return result;
    }

    @Test
    void whoIsInterruptedWhileWaitingQueuedNothing() {
        outbox.open();
        outbox.add(bytes(900), false);
        Thread.currentThread().interrupt();
        CompletableFuture<Sent> result = new CompletableFuture<>();
        try {
            result.complete(outbox.add(bytes(900), TimeUnit.MINUTES.toNanos(1)));
        } catch (InterruptedException e) {
            result.completeExceptionally(e);
        }
        assertThat(result).isCompletedExceptionally();
        assertThat(outbox.add(bytes(1), false)).as("the session goes on").isEqualTo(Sent.QUEUED);
    }
}
