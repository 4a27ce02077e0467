package io.heliodor.testkit;

import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.Wire;
import io.heliodor.node.ConnectOutcome;
import io.heliodor.node.wiring.NodeWire;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The in-memory wire of one incarnation. Its address is the host of the name with a port that is not opened. */
record KitWire(Wire inner, NodeIncarnation incarnation, SimulatedMembership views, NetworkFaults faults)
        implements NodeWire, Wire {
    @Override
    public Wire wire() {
        return this;
    }

    @Override
    public Link outgoing(Link link) {
        return new RefusingLink(link, faults);
    }

    @Override
    public @Nullable Way way(Peer to) {
        return inner.way(to);
    }

    @Override
    public boolean takesParts(Peer to) {
        return inner.takesParts(to);
    }

    @Override
    public int port() {
        return incarnation.port();
    }

    @Override
    public ConnectOutcome connect(String address) {
        Optional<NodeIncarnation> to = views.incarnations().stream()
                .filter(other -> other.exists() && address(other).equals(address))
                .findFirst();
        if (to.isEmpty()) {
            return new ConnectOutcome.Unreachable("No node of the kit listens at " + address + ". There are "
                    + views.incarnations().stream()
                            .filter(NodeIncarnation::exists)
                            .map(KitWire::address)
                            .toList() + ".");
        }
        return views.connect(incarnation, to.get())
                ? new ConnectOutcome.Connected()
                : new ConnectOutcome.Unreachable("Nothing passes between " + incarnation + " and " + to.get() + ".");
    }

    private static String address(NodeIncarnation of) {
        return of.name().substring(of.name().indexOf('@') + 1) + ":" + of.port();
    }

    @Override
    public void disconnect() {
        views.disconnect(incarnation);
    }

    @Override
    public Peer self() {
        return inner.self();
    }

    @Override
    public void send(Peer to, byte[] packet) throws InterruptedException {
        if (!faults.losesPacket(incarnation.name(), to.node())) {
            inner.send(to, packet);
        }
    }

    @Override
    public void close() {
        inner.close();
        views.close(incarnation);
    }
}
