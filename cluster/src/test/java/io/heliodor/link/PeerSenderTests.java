package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.batch.WakeBatch;
import io.heliodor.process.engine.ManualTime;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sends to one member, with turns run by hand. */
class PeerSenderTests {
    private static final Peer BEN = new Peer("ben@host", 2);

    private final List<BooleanSupplier> turns = new ArrayList<>();
    private final List<Object> sent = new ArrayList<>();
    private boolean takesParts = true;
    private Wire.@Nullable Way way;
    private Runnable onWay = () -> {};
    private final PeerSender sender = new PeerSender(
            BEN,
            (about, turn) -> turns.add(turn),
            new PeerSender.PacketOutput() {
                @Override
                public Wire.@Nullable Way way(Peer peer) {
                    Wire.Way now = way;
                    onWay.run();
                    return now;
                }

                @Override
                public void control(PeerSender to, Wire.@Nullable Way by, Packet packet) {
                    sent.add(packet);
                }

                @Override
                public void batch(PeerSender to, Wire.@Nullable Way by, SendQueue from, List<byte[]> envelopes) {
                    sent.add(envelopes.size());
                }

                @Override
                public void part(PeerSender to, Wire.@Nullable Way by, SendQueue from, Fragment part) {
                    sent.add(part);
                }

                @Override
                public void repeat(PeerSender to, Wire.@Nullable Way by, byte[] packet) {
                    sent.add("again " + new String(packet, StandardCharsets.UTF_8));
                }

                @Override
                public boolean takesParts(Peer peer) {
                    return takesParts;
                }
            },
            1_000);

    private void run() {
        assertThat(turns).isNotEmpty();
        while (!turns.isEmpty()) {
            BooleanSupplier turn = turns.removeFirst();
            boolean more = true;
            while (more) {
                more = turn.getAsBoolean();
            }
        }
    }

    @Test
    void aBatchOfPublishesWakesItsSenderOnceAtItsEnd() {
        SendQueue queue = openQueue(10_000);
        WakeBatch batch = new WakeBatch();
        batch.during(() -> {
            sender.offer(new byte[10]);
            sender.post(queue, new byte[10]);
            assertThat(turns).isEmpty();
        });
        batch.end();
        run();
        assertThat(sent).containsExactly(2);
    }

    @Test
    void anotherThreadThatPublishesDoesNotWaitForABatch() {
        openQueue(10_000);
        WakeBatch batch = new WakeBatch();
        batch.during(() -> sender.offer(new byte[10]));
        sender.offer(new byte[10]);
        run();
        assertThat(sent).containsExactly(2);
        batch.end();
        run();
        assertThat(sent).containsExactly(2);
    }

    @Test
    void aPacketThatIsFullDoesNotWaitForTheEndOfTheBatch() {
        openQueue(10_000);
        new WakeBatch().during(() -> {
            sender.offer(new byte[450]);
            assertThat(turns).isEmpty();
            sender.offer(new byte[500]);
        });
        run();
        assertThat(sent).containsExactly(2);
        new WakeBatch().during(() -> sender.offer(new byte[10]));
        assertThat(turns).as("with a packet in flight").isEmpty();
    }

    @Test
    void aSenderWhoseWindowIsFullIsNotWokenInVain() {
        openQueue(1_000);
        sender.offer(new byte[600]);
        run();
        sender.offer(new byte[300]);
        turns.clear();
        assertThat(sender.offer(new byte[300])).isEqualTo(Link.Sent.FULL);
        assertThat(turns).isEmpty();
    }

    @Test
    void whoeverWaitsForRoomWakesTheSenderImmediately() {
        openQueue(10_000);
        new WakeBatch().during(() -> sender.enqueue(new byte[10]));
        run();
        assertThat(sent).containsExactly(1);
    }

    private static final class Received extends LinkHistory.EmptyListener {
        final List<byte[]> envelopes = new ArrayList<>();
        Runnable then = () -> {};

        @Override
        public void received(Peer from, byte[] envelope) {
            envelopes.add(envelope);
            then.run();
        }
    }

    @Test
    void aNewerControlPacketReplacesOneThatWaits() {
        sender.control(new Packet.Open(1, 0));
        sender.control(new Packet.Reset(7));
        sender.control(new Packet.Accept(5, 2, 0));
        sender.control(new Packet.Open(1, 9));
        run();
        assertThat(sent).containsExactly(new Packet.Open(1, 9), new Packet.Reset(7), new Packet.Accept(5, 2, 0));
    }

    @Test
    void severalWakeUpsRunOneTurn() {
        SendQueue queue = openQueue(10_000);
        for (int i = 0; i < 3; i++) {
            queue.offer(new byte[10]);
            sender.wake();
        }
        assertThat(turns).hasSize(1);
        run();
        assertThat(sent).containsExactly(3);
        queue.offer(new byte[10]);
        sender.wake();
        run();
        assertThat(sent).containsExactly(3, 1);
    }

    @Test
    void aFullWindowHoldsUpBatchesButNoControlPacket() {
        SendQueue queue = openQueue(2_000);
        queue.offer(new byte[1_000]);
        queue.offer(new byte[600]);
        sender.wake();
        sender.control(new Packet.Accept(5, 2, 0));
        run();
        assertThat(sent).as("the window is 1,000").containsExactly(1, new Packet.Accept(5, 2, 0));
        sender.control(new Packet.Accept(5, 2, 1));
        run();
        assertThat(sent).endsWith(new Packet.Accept(5, 2, 1));
        queue.confirm(1);
        sender.wake();
        run();
        assertThat(sent).endsWith(new Packet.Accept(5, 2, 1), 1);
    }

    /** A way of which only the identity matters: the output of these tests sends nothing. */
    private static final class NoWay implements Wire.Way {
        private boolean over;

        @Override
        public void send(byte[] packet) {}

        @Override
        public void end() {
            over = true;
        }
    }

    private static byte[] text(String packet) {
        return packet.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anotherWayRepeatsWhatIsNotConfirmedBeforeAllElse() {
        SendQueue queue = openQueue(10_000);
        for (String packet : List.of("a", "b", "c")) {
            queue.offer(new byte[10]);
            assertThat(queue.take(new ArrayList<>(), 10)).isTrue();
            assertThat(queue.keep(text(packet))).isTrue();
        }
        queue.confirm(1);
        queue.offer(new byte[10]);
        way = new NoWay();
        sender.control(new Packet.Open(1, 3));
        run();
        assertThat(sent).containsExactly("again b", "again c", new Packet.Open(1, 3), 1);
    }

    @Test
    void aConfirmationEndsRepeats() {
        SendQueue queue = openQueue(10_000);
        for (String packet : List.of("a", "b", "c")) {
            queue.offer(new byte[10]);
            assertThat(queue.take(new ArrayList<>(), 10)).isTrue();
            assertThat(queue.keep(text(packet))).isTrue();
        }
        queue.repeatAll();
        assertThat(queue.nextRepeat()).isEqualTo(text("a"));
        queue.confirm(2);
        assertThat(queue.nextRepeat()).isEqualTo(text("c"));
        assertThat(queue.nextRepeat()).isNull();
        queue.shut();
        assertThat(queue.keep(text("d"))).isFalse();
        queue.repeatAll();
        assertThat(queue.nextRepeat()).isNull();
    }

    @Test
    void aWayThatEndsWhileAStepSleepsIsNoticed() {
        SendQueue queue = openQueue(10_000);
        way = new NoWay();
        queue.offer(new byte[10]);
        sender.wake();
        BooleanSupplier turn = turns.removeFirst();
        assertThat(turn.getAsBoolean()).isTrue();
        assertThat(queue.keep(text("a"))).isTrue();
        onWay = () -> way = null; // after the last look of the step, and before it is not scheduled any more
        assertThat(turn.getAsBoolean()).isFalse();
        run();
        assertThat(sent).containsExactly(1, "again a");
    }

    @Test
    void aWayOverWhichNothingIsConfirmedIsEnded() {
        SendQueue queue = openQueue(10_000);
        NoWay hanging = new NoWay();
        way = hanging;
        queue.offer(new byte[10]);
        sender.wake();
        run();
        NoWay next = new NoWay();
        way = next;
        sender.endWay();
        assertThat(hanging.over).isTrue();
        assertThat(next.over).as("a way that was not used yet").isFalse();
        assertThat(turns).hasSize(1);
    }

    @Test
    void anotherWayHasHalfOfTheTimeOfAStall() {
        SendQueue queue = openQueue(10_000);
        queue.offer(new byte[10]);
        for (int ticks = 1; ticks < 20; ticks++) {
            assertThat(queue.tick()).isFalse();
            assertThat(queue.wayHangs()).isFalse();
        }
        queue.repeatAll();
        for (int ticks = 1; ticks < 20; ticks++) {
            assertThat(queue.tick()).isFalse();
            assertThat(queue.wayHangs()).isFalse();
        }
        assertThat(queue.tick()).isFalse();
        assertThat(queue.wayHangs()).isTrue();
        assertThat(queue.tick()).as("40 ticks").isTrue();
    }

    @Test
    void aStepThatFailsDoesNotSilenceThePeer() {
        SendQueue queue = openQueue(10_000);
        queue.offer(new byte[10]);
        onWay = () -> {
            onWay = () -> {};
            throw new IllegalStateException("as planned by the test");
        };
        sender.wake();
        run();
        assertThat(sent).isEmpty();
        sender.wake();
        run();
        assertThat(sent).containsExactly(1);
    }

    private SendQueue openQueue(int capacity) {
        SendQueue queue = new SendQueue(1, 2, capacity, 40, new ManualTime());
        queue.open();
        sender.queue(queue);
        return queue;
    }

    @Test
    void aLargeEnvelopeIsSentInPartsBetweenBatches() {
        SendQueue queue = openQueue(20_000);
        byte[] large = new byte[2_500];
        queue.offer(new byte[10]);
        queue.offer(large);
        queue.offer(new byte[10]);
        sender.wake();
        run();
        assertThat(sent)
                .containsExactly(
                        1,
                        Fragment.of(large, 0, 1_000),
                        Fragment.of(large, 1_000, 1_000),
                        Fragment.of(large, 2_000, 500),
                        1);
    }

    @Test
    void aPeerOfAFormerReleaseGetsALargeEnvelopeInOneBatch() {
        takesParts = false;
        SendQueue queue = openQueue(20_000);
        queue.offer(new byte[2_500]);
        sender.wake();
        run();
        assertThat(sent).containsExactly(1);
    }

    @Test
    void anEnvelopeThatBeganInPartsEndsInParts() {
        SendQueue queue = openQueue(20_000);
        byte[] large = new byte[2_500];
        queue.offer(large);
        assertThat(queue.takePart(1_000)).isNotNull();
        takesParts = false; // the connection ended, and the version of the next one is not known yet
        sender.wake();
        run();
        assertThat(sent).containsExactly(Fragment.of(large, 1_000, 1_000), Fragment.of(large, 2_000, 500));
    }

    @Test
    void nothingIsSentAfterTheEnd() {
        sender.control(new Packet.Reset(7));
        sender.end();
        run();
        sender.control(new Packet.Reset(8));
        assertThat(turns).isEmpty();
        assertThat(sent).isEmpty();
    }

    @Test
    void nothingIsDeliveredAfterClose() {
        var received = new Received();
        assertThat(sender.deliver(List.of(new byte[1], new byte[2]), received)).isEqualTo(2);
        sender.close();
        assertThat(sender.deliver(List.of(new byte[3]), received)).isZero();
        assertThat(received.envelopes).hasSize(2);
    }

    @Test
    void envelopesOfOnePacketWakeTheSameOnceForSixtyFour() {
        var received = new Received();
        var woken = new AtomicInteger();
        Runnable wake = woken::incrementAndGet;
        received.then = () -> WakeBatch.wake(wake);
        sender.deliver(Collections.nCopies(64, new byte[1]), received);
        assertThat(woken).hasValue(1);
        sender.deliver(Collections.nCopies(130, new byte[1]), received);
        assertThat(woken).hasValue(4);
    }

    @Test
    void theListenerMayCloseTheSender() {
        var received = new Received();
        received.then = sender::close;
        assertThat(sender.deliver(List.of(new byte[1], new byte[2]), received)).isEqualTo(1);
        assertThat(received.envelopes).hasSize(1);
    }
}
