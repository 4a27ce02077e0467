package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.batch.WakeBatch;
import io.heliodor.process.engine.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Sends to one member, with turns run by hand. */
class PeerSenderTests {
    private static final Peer BEN = new Peer("ben@host", 2);

    private final List<BooleanSupplier> turns = new ArrayList<>();
    private final List<Object> sent = new ArrayList<>();
    private boolean takesParts = true;
    private final PeerSender sender = new PeerSender(
            BEN,
            (about, turn) -> turns.add(turn),
            new PeerSender.PacketOutput() {
                @Override
                public void control(PeerSender to, Packet packet) {
                    sent.add(packet);
                }

                @Override
                public void batch(PeerSender to, SendQueue from, List<byte[]> envelopes) {
                    sent.add(envelopes.size());
                }

                @Override
                public void part(PeerSender to, SendQueue from, Fragment part) {
                    sent.add(part);
                }

                @Override
                public boolean takesParts(Peer peer) {
                    return takesParts;
                }
            },
            1_000);

    private void run() {
        assertThat(turns).hasSize(1);
        boolean more = true;
        while (more) {
            more = turns.getFirst().getAsBoolean();
        }
        turns.clear();
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
        assertThat(sent).containsExactly(new Packet.Reset(7), new Packet.Accept(5, 2, 0), new Packet.Open(1, 9));
    }

    @Test
    void severalWakeUpsRunOneTurn() {
        SendQueue queue = openQueue(10_000);
        for (int i = 0; i < 3; i++) {
            queue.offer(new byte[10]);
            sender.wake();
        }
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
        sender.control(new Packet.Accept(5, 2, 0));
        run();
        assertThat(sent).as("the window is 1,000").containsExactly(new Packet.Accept(5, 2, 0), 1);
        sender.control(new Packet.Accept(5, 2, 1));
        run();
        assertThat(sent).endsWith(1, new Packet.Accept(5, 2, 1));
        queue.confirm(1);
        sender.wake();
        run();
        assertThat(sent).endsWith(new Packet.Accept(5, 2, 1), 1);
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
    void theListenerMayCloseTheSender() {
        var received = new Received();
        received.then = sender::close;
        assertThat(sender.deliver(List.of(new byte[1], new byte[2]), received)).isEqualTo(1);
        assertThat(received.envelopes).hasSize(1);
    }
}
