package io.heliodor.link;

import java.util.List;

/** Numbers the packets of sessions and hands them to the wire, on the threads of the senders. */
final class WireOutput implements PeerSender.PacketOutput {
    private final Wire wire;
    private final Peer self;

    /** Its monitor guards it. */
    private final Sessions sessions;

    private final LinkCounters counters;

    WireOutput(Wire wire, Sessions sessions, LinkCounters counters) {
        this.wire = wire;
        this.self = wire.self();
        this.sessions = sessions;
        this.counters = counters;
    }

    @Override
    public void control(PeerSender to, Packet packet) throws InterruptedException {
        wire.send(to.peer(), packet.toBytes(self, to.peer()));
    }

    @Override
    public void batch(PeerSender to, SendQueue from, List<byte[]> envelopes) throws InterruptedException {
        long number;
        synchronized (sessions) {
            number = sessions.number(to.peer(), from.session());
        }
        if (number < 0) {
            return;
        }
        var head = new Packet.Batch(from.session(), from.acceptance(), number);
        byte[] packet = Packet.join(head, self, to.peer(), envelopes);
        counters.envelopesOut.add(envelopes.size());
        counters.bytesOut.add(packet.length);
        wire.send(to.peer(), packet);
    }
}
