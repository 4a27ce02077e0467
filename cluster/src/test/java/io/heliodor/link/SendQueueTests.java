package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Link.Sent;
import io.heliodor.link.SendQueue.Waiter;
import io.heliodor.process.engine.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Admission, window and stall of one session. */
class SendQueueTests {
    private static final int CAPACITY = 1_000;
    private static final int STALL_TICKS = 40;

    private final ManualTime time = new ManualTime();
    private final SendQueue queue = new SendQueue(1, 2, CAPACITY, STALL_TICKS, time);
    private final List<byte[]> batch = new ArrayList<>();
    private long batches;

    @BeforeEach
    void open() {
        queue.open();
    }

    private static byte[] bytes(int length) {
        return new byte[length];
    }

    /** Takes one batch. Returns how many envelopes it has. */
    private int take() {
        batch.clear();
        boolean any = queue.take(batch, CAPACITY);
        assertThat(any).isEqualTo(!batch.isEmpty());
        batches += any ? 1 : 0;
        return batch.size();
    }

    /** All that is queued arrives and is confirmed. */
    private void drain() {
        while (take() > 0) {
            queue.confirm(batches);
        }
    }

    private static void assertWaits(Waiter... waiters) {
        for (Waiter waiter : waiters) {
            assertThat(waiter.decided()).isNotDone();
        }
    }

    private void assertQueued(Waiter... waiters) {
        for (Waiter waiter : waiters) {
            assertThat(waiter.decided()).isDone();
            assertThat(waiter.withdraw()).isEqualTo(Sent.QUEUED);
        }
    }

    @Test
    void nothingIsQueuedBeforeTheListenerWasNotified() {
        var fresh = new SendQueue(1, 2, CAPACITY, STALL_TICKS, time);
        assertThat(fresh.offer(bytes(1))).isEqualTo(Sent.NO_SESSION);
        assertThat(fresh.post(bytes(1))).isEqualTo(Sent.NO_SESSION);
        assertThat(fresh.enqueue(bytes(1)).withdraw()).isEqualTo(Sent.NO_SESSION);
        fresh.open();
        assertThat(fresh.offer(bytes(1))).isEqualTo(Sent.QUEUED);
    }

    @Test
    void nothingIsQueuedAfterItWasShut() {
        queue.offer(bytes(1));
        queue.shut();
        queue.open();
        assertThat(queue.post(bytes(1))).isEqualTo(Sent.NO_SESSION);
        assertThat(queue.sendable()).isFalse();
        assertThat(queue.depth()).isZero();
    }

    @Test
    void anOfferToAFullQueueChangesNothing() {
        queue.offer(bytes(900));
        assertThat(queue.offer(bytes(900))).isEqualTo(Sent.FULL);
        assertThat(queue.offer(bytes(1))).isEqualTo(Sent.QUEUED);
    }

    @Test
    void aPostMayUseTheReserve() {
        queue.offer(bytes(900));
        assertThat(queue.post(bytes(900))).isEqualTo(Sent.QUEUED);
        assertThat(queue.offer(bytes(1))).isEqualTo(Sent.FULL);
        assertThat(queue.post(bytes(900))).isEqualTo(Sent.FULL);
    }

    @Test
    void aPostWithoutRoomShutsTheQueueInTheSameStep() {
        queue.offer(bytes(900));
        Waiter waiter = queue.enqueue(bytes(900));
        queue.post(bytes(900));
        assertThat(queue.post(bytes(900))).isEqualTo(Sent.FULL);
        assertThat(queue.post(bytes(0))).isEqualTo(Sent.NO_SESSION);
        assertThat(waiter.withdraw()).isEqualTo(Sent.NO_SESSION);
        assertThat(take()).isZero();
    }

    @Test
    void anEnvelopeThatIsLargerThanTheCapacityPassesAlone() {
        assertThat(queue.offer(bytes(5_000))).isEqualTo(Sent.QUEUED);
        assertThat(queue.offer(bytes(0))).isEqualTo(Sent.FULL);
        take();
        assertThat(queue.offer(bytes(0))).as("in flight").isEqualTo(Sent.FULL);
        queue.confirm(1);
        assertThat(queue.offer(bytes(0))).isEqualTo(Sent.QUEUED);
    }

    @Test
    void emptyEnvelopesAreLimitedToo() {
        int queued = 0;
        while (queue.offer(bytes(0)) == Sent.QUEUED) {
            queued++;
            assertThat(queued).isLessThan(CAPACITY);
        }
    }

    @Test
    void aBatchHasAtLeastOneEnvelopeAndNoMoreThanFit() {
        for (int length : List.of(200, 40, 60, 1)) {
            queue.offer(bytes(length));
        }
        List<Integer> sizes = new ArrayList<>();
        while (queue.take(batch, 100)) {
            sizes.add(batch.size());
            batch.clear();
        }
        assertThat(sizes).containsExactly(1, 2, 1);
    }

    @Test
    void batchesWaitWhileTheWindowIsFull() {
        queue.offer(bytes(500));
        assertThat(take()).isEqualTo(1);
        queue.offer(bytes(10));
        assertThat(queue.sendable()).isFalse();
        assertThat(take()).isZero();
        assertThat(queue.confirm(1)).isTrue();
        assertThat(queue.confirm(1)).as("repeated").isFalse();
        assertThat(take()).isEqualTo(1);
    }

    @Test
    void envelopesInFlightTakeRoomUntilTheyAreConfirmed() {
        queue.offer(bytes(900));
        Waiter waiter = queue.enqueue(bytes(900));
        take();
        assertWaits(waiter);
        queue.confirm(1);
        assertQueued(waiter);
    }

    @Test
    void aLargeEnvelopePassesAmongSmallOnes() {
        while (queue.offer(bytes(70)) == Sent.QUEUED) {}
        Waiter large = queue.enqueue(bytes(800));
        Waiter small = queue.enqueue(bytes(70));
        assertThat(queue.offer(bytes(1))).as("offered while others wait").isEqualTo(Sent.FULL);
        for (int i = 0; i < 8 && !large.decided().isDone(); i++) {
            batch.clear();
            queue.take(batch, 1);
            queue.confirm(++batches);
            assertThat(small.decided().isDone() && !large.decided().isDone())
                    .as("the small one overtook")
                    .isFalse();
        }
        drain();
        assertQueued(large, small);
    }

    @Test
    void envelopesWaitInTheOrderInWhichTheyCame() {
        queue.offer(bytes(900));
        Waiter first = queue.enqueue(bytes(600));
        Waiter second = queue.enqueue(bytes(600));
        Waiter third = queue.enqueue(bytes(10));
        take();
        queue.confirm(1);
        assertQueued(first);
        assertWaits(second, third);
        take();
        queue.confirm(2);
        assertQueued(second, third);
    }

    @Test
    void aWithdrawnEnvelopeLetsThoseAfterItPass() {
        queue.offer(bytes(800));
        Waiter large = queue.enqueue(bytes(900));
        Waiter small = queue.enqueue(bytes(10));
        assertWaits(large, small);
        assertThat(large.withdraw()).isEqualTo(Sent.FULL);
        assertQueued(small);
    }

    @Test
    void theEndOfTheSessionEndsEachWait() {
        queue.offer(bytes(900));
        Waiter waiter = queue.enqueue(bytes(900));
        queue.shut();
        assertThat(waiter.decided()).isDone();
        assertThat(waiter.withdraw()).isEqualTo(Sent.NO_SESSION);
    }

    @Test
    void aSessionStallsWhenNothingIsConfirmedForFortyTicks() {
        for (int i = 0; i < 2 * STALL_TICKS; i++) {
            assertThat(queue.tick()).as("nothing is due").isFalse();
        }
        queue.offer(bytes(1));
        take();
        queue.offer(bytes(1));
        take();
        for (int i = 1; i < STALL_TICKS; i++) {
            assertThat(queue.tick()).isFalse();
        }
        queue.confirm(1);
        for (int i = 1; i < STALL_TICKS; i++) {
            assertThat(queue.tick()).isFalse();
        }
        assertThat(queue.tick()).isTrue();
    }

    @Test
    void anAnswerRefutesTheWayOnlyIfNothingWasConfirmedMeanwhile() {
        queue.offer(bytes(1));
        take();
        assertThat(queue.keep(bytes(1))).isTrue();
        long first = askedAfterSilence();
        assertThat(queue.refutesWay(new Packet.Silence(1, first, 1)))
                .as("the peer has it")
                .isFalse();
        assertThat(queue.refutesWay(new Packet.Silence(1, first, 0))).isTrue();
        long second = askedAfterSilence();
        assertThat(queue.refutesWay(new Packet.Silence(1, first, 0)))
                .as("a late answer")
                .isFalse();
        assertThat(queue.refutesWay(new Packet.Silence(1, second, 0))).isTrue();
        queue.repeatAll();
        assertThat(queue.refutesWay(new Packet.Silence(1, second, 0)))
                .as("over the way before")
                .isFalse();
        long third = askedAfterSilence();
        queue.offer(bytes(1));
        take();
        assertThat(queue.keep(bytes(1))).isTrue();
        queue.confirm(1);
        assertThat(queue.refutesWay(new Packet.Silence(1, third, 1)))
                .as("of a batch before")
                .isFalse();
    }

    private long askedAfterSilence() {
        for (int i = 0; i < STALL_TICKS; i++) {
            queue.tick();
            long question = queue.ask();
            if (question > 0) {
                return question;
            }
        }
        throw new AssertionError("not asked within the time of a stall");
    }

    @Test
    void aWayHangsAfterHalfOfTheTimeOfAStall() {
        queue.offer(bytes(1));
        take();
        for (int i = 1; i < STALL_TICKS / 2; i++) {
            queue.tick();
            assertThat(queue.wayHangs()).isFalse();
        }
        queue.tick();
        assertThat(queue.wayHangs()).isTrue();
        queue.repeatAll();
        assertThat(queue.wayHangs()).as("the next way").isFalse();
    }

    @Test
    void aQueueThatCannotSendStallsToo() {
        queue.offer(bytes(1));
        for (int i = 1; i < STALL_TICKS; i++) {
            assertThat(queue.tick()).isFalse();
        }
        assertThat(queue.tick()).isTrue();
    }

    @Test
    void aPeerProgressesForAWhileAfterAConfirmation() {
        time.advance(Duration.ofMinutes(1));
        assertThat(queue.progressLeft()).as("nothing is due").isEqualTo(SendQueue.PROGRESS_NANOS);
        queue.offer(bytes(1));
        take();
        queue.offer(bytes(1));
        take();
        time.advance(Duration.ofNanos(SendQueue.PROGRESS_NANOS - 1));
        assertThat(queue.progressLeft()).isOne();
        time.advance(Duration.ofNanos(1));
        assertThat(queue.progressLeft()).isZero();
        queue.confirm(1);
        assertThat(queue.progressLeft()).isEqualTo(SendQueue.PROGRESS_NANOS);
    }

    /** Takes all parts of the first envelope, which are confirmed one by one. */
    private List<Fragment> takeParts(int maxBytes) {
        List<Fragment> parts = new ArrayList<>();
        do {
            parts.add(queue.takePart(maxBytes));
            queue.confirm(++batches);
        } while (queue.isWithinEnvelope());
        return parts;
    }

    @Test
    void anEnvelopeThatIsLargerThanABatchIsTakenInParts() {
        byte[] envelope = bytes(650);
        queue.offer(envelope);
        queue.offer(bytes(10));
        assertThat(queue.isFirstLargerThan(300)).isTrue();
        assertThat(queue.isFirstLargerThan(650)).isFalse();
        assertThat(takeParts(300))
                .containsExactly(
                        Fragment.of(envelope, 0, 300), Fragment.of(envelope, 300, 300), Fragment.of(envelope, 600, 50));
        assertThat(take()).isEqualTo(1);
        queue.confirm(batches);
        assertThat(queue.depth()).isZero();
    }

    @Test
    void eachPartThatIsConfirmedIsProgress() {
        queue.offer(bytes(650));
        assertThat(queue.takePart(100)).isNotNull();
        for (int confirmed = 1; confirmed <= 3; confirmed++) {
            for (int i = 1; i < STALL_TICKS; i++) {
                assertThat(queue.tick()).isFalse();
            }
            queue.confirm(confirmed);
            assertThat(queue.takePart(100)).isNotNull();
        }
        for (int i = 1; i < STALL_TICKS; i++) {
            assertThat(queue.tick()).isFalse();
        }
        assertThat(queue.tick()).isTrue();
    }

    @Test
    void partsStopAtTheWindow() {
        queue.offer(bytes(900));
        assertThat(queue.takePart(400)).isNotNull();
        assertThat(queue.takePart(400)).isNotNull();
        assertThat(queue.sendable()).isFalse();
        assertThat(queue.takePart(400)).isNull();
        queue.confirm(1);
        assertThat(queue.takePart(400)).isNotNull();
        assertThat(queue.isWithinEnvelope()).isFalse();
        assertThat(queue.depth()).isEqualTo(500);
    }

    @Test
    void aShutQueueForgetsThePartsThatItTook() {
        queue.offer(bytes(900));
        assertThat(queue.takePart(100)).isNotNull();
        queue.shut();
        assertThat(queue.isWithinEnvelope()).isFalse();
        assertThat(queue.takePart(100)).isNull();
    }

    /** Takes batches of 32 KiB until the window is full. Returns their bytes. */
    private static int fill(SendQueue queue) {
        int bytes = 0;
        List<byte[]> batch = new ArrayList<>();
        while (queue.take(batch, 32 << 10)) {
            bytes += batch.stream().mapToInt(each -> each.length).sum();
            batch.clear();
        }
        return bytes;
    }

    @Test
    void aReceiverConfirmsAWindowOfAnySizeAtOnce() {
        var large = new SendQueue(1, 2, 4 << 20, STALL_TICKS, time);
        large.open();
        for (int i = 0; i < 127; i++) {
            large.offer(bytes(32 << 10));
        }
        for (int i = 0; i < 8; i++) {
            fill(large);
            for (int tick = 0; tick < 5; tick++) {
                large.tick();
            }
            large.confirm(8 + 2L * i);
        }
        assertThat(fill(large)).as("the smallest window").isGreaterThanOrEqualTo(SendQueue.confirmAfter(4 << 20));
    }

    @Test
    void theWindowFollowsTheConfirmations() {
        var large = new SendQueue(1, 2, 4 << 20, STALL_TICKS, time);
        large.open();
        for (int i = 0; i < 127; i++) {
            large.offer(bytes(32 << 10));
        }
        int first = fill(large);
        assertThat(first).as("at the beginning").isEqualTo(256 << 10);
        large.confirm(8);
        assertThat(fill(large)).as("doubled by a confirmation within a tick").isEqualTo(512 << 10);
        for (int i = 0; i < 15; i++) {
            large.tick();
        }
        large.confirm(24);
        assertThat(fill(large)).as("halved each second without one").isEqualTo(64 << 10);
        large.tick();
        large.confirm(26);
        assertThat(fill(large)).as("kept by one that takes longer than a tick").isEqualTo(64 << 10);
    }
}
