package io.heliodor.link;

import io.heliodor.counter.EnumCounters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Numbers the packets of sessions and hands them to the wire, on the threads of the senders. */
final class WireOutput implements PeerSender.PacketOutput {
    private final Wire wire;
    private final Peer self;

    /** Its monitor guards it. */
    private final Sessions sessions;

    private final EnumCounters<LinkCounter> counters;

    WireOutput(Wire wire, Sessions sessions, EnumCounters<LinkCounter> counters) {
        this.wire = wire;
        this.self = wire.self();
        this.sessions = sessions;
        this.counters = counters;
    }

    @Override
    public Wire.@Nullable Way way(Peer peer) {
        return wire.way(peer);
    }

    @Override
    public void control(PeerSender to, Wire.@Nullable Way way, Packet packet) throws InterruptedException {
        send(to, way, packet.toBytes(self, to.peer()));
    }

    @Override
    public void batch(PeerSender to, Wire.@Nullable Way way, SendQueue from, List<byte[]> envelopes)
            throws InterruptedException {
        long number = number(to, from);
        if (number >= 0) {
            var head = new Packet.Batch(from.session(), from.acceptance(), number);
            counters.add(LinkCounter.ENVELOPES_OUT, envelopes.size());
            send(to, way, from, Packet.join(head, self, to.peer(), envelopes));
        }
    }

    @Override
    public void part(PeerSender to, Wire.@Nullable Way way, SendQueue from, Fragment part) throws InterruptedException {
        long number = number(to, from);
        if (number >= 0) {
            var head = new Packet.Part(from.session(), from.acceptance(), number, part.left());
            counters.add(LinkCounter.ENVELOPES_OUT, part.left() == 0 ? 1 : 0);
            send(to, way, from, Packet.join(head, self, to.peer(), part));
        }
    }

    @Override
    public void repeat(PeerSender to, Wire.@Nullable Way way, byte[] packet) throws InterruptedException {
        counters.add(LinkCounter.TRAFFIC_OUT, packet.length);
        send(to, way, packet);
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

    private void send(PeerSender to, Wire.@Nullable Way way, SendQueue from, byte[] packet)
            throws InterruptedException {
        if (from.keep(packet)) {
            counters.add(LinkCounter.TRAFFIC_OUT, packet.length);
            send(to, way, packet);
        }
    }

    private void send(PeerSender to, Wire.@Nullable Way way, byte[] packet) throws InterruptedException {
        if (way == null) {
            wire.send(to.peer(), packet);
        } else {
            way.send(packet);
        }
    }
}
