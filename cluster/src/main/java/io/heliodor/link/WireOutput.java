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
        long number = number(to, from);
        if (number >= 0) {
            var head = new Packet.Batch(from.session(), from.acceptance(), number);
            counters.envelopesOut.add(envelopes.size());
            send(to, Packet.join(head, self, to.peer(), envelopes));
        }
    }

    @Override
    public void part(PeerSender to, SendQueue from, Fragment part) throws InterruptedException {
        long number = number(to, from);
        if (number >= 0) {
            var head = new Packet.Part(from.session(), from.acceptance(), number, part.left());
            counters.envelopesOut.add(part.left() == 0 ? 1 : 0);
            send(to, Packet.join(head, self, to.peer(), part));
        }
    }

    @Override
    public boolean takesParts(Peer peer) {
        return wire.takesParts(peer);
    }

    private long number(PeerSender to, SendQueue from) {
        synchronized (sessions) {
            return sessions.number(to.peer(), from.session());
        }
    }

    private void send(PeerSender to, byte[] packet) throws InterruptedException {
        counters.bytesOut.add(packet.length);
        wire.send(to.peer(), packet);
    }
}
