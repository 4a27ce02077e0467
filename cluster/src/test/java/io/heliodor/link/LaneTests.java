package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.process.engine.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The way to one member, with turns given by hand. */
class LaneTests {
    private static final Peer BEN = new Peer("ben@host", 2);

    private final List<BooleanSupplier> turns = new ArrayList<>();
    private final List<Object> sent = new ArrayList<>();
    private final Lane lane = new Lane(
            BEN,
            (about, turn) -> turns.add(turn),
            new Lane.Sender() {
                @Override
                public void control(Lane to, Packet packet) {
                    sent.add(packet);
                }

                @Override
                public void batch(Lane to, Outbox outbox, List<byte[]> envelopes) {
                    sent.add(envelopes.size());
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

    private static final class Received extends LinkHistory.Deaf {
        final List<byte[]> envelopes = new ArrayList<>();
        Runnable then = () -> {};

        @Override
        public void received(Peer from, byte[] envelope) {
            envelopes.add(envelope);
            then.run();
        }
    }

    @Test
    void aNewerControlPacketTakesThePlaceOfOneThatWaits() {
        lane.control(new Packet.Open(1, 0));
        lane.control(new Packet.Reset(7));
        lane.control(new Packet.Accept(5, 2, 0));
        lane.control(new Packet.Open(1, 9));
        run();
        assertThat(sent).containsExactly(new Packet.Reset(7), new Packet.Accept(5, 2, 0), new Packet.Open(1, 9));
    }

    @Test
    void oneTurnRunsHoweverOftenItIsWoken() {
        var outbox = new Outbox(1, 2, 10_000, new ManualTime());
        outbox.open();
        lane.outbox(outbox);
        for (int i = 0; i < 3; i++) {
            outbox.add(new byte[10], false);
            lane.wake();
        }
        run();
        assertThat(sent).containsExactly(3);
        outbox.add(new byte[10], false);
        lane.wake();
        run();
        assertThat(sent).containsExactly(3, 1);
    }

    @Test
    void nothingIsSentWhenItIsOver() {
        lane.control(new Packet.Reset(7));
        lane.end();
        run();
        lane.control(new Packet.Reset(8));
        assertThat(turns).isEmpty();
        assertThat(sent).isEmpty();
    }

    @Test
    void nothingIsDeliveredBehindAShutDoor() {
        var received = new Received();
        assertThat(lane.deliver(List.of(new byte[1], new byte[2]), received)).isEqualTo(2);
        lane.shutDoor();
        assertThat(lane.deliver(List.of(new byte[3]), received)).isZero();
        assertThat(received.envelopes).hasSize(2);
    }

    @Test
    void whoReceivesMayShutTheDoor() {
        var received = new Received();
        received.then = lane::shutDoor;
        assertThat(lane.deliver(List.of(new byte[1], new byte[2]), received)).isEqualTo(1);
        assertThat(received.envelopes).hasSize(1);
    }
}
