package io.heliodor.testkit;

import io.heliodor.link.memory.MemoryNetwork;
import io.heliodor.node.Node;
import io.heliodor.node.wiring.WiredNode;
import io.heliodor.node.wiring.Wiring;
import io.heliodor.raft.MemoryStorage;
import java.util.function.Consumer;

/** Starts nodes on the network of a kit, with the settings of its builder. */
record NodeStarter(
        MemoryNetwork network,
        SimulatedMembership views,
        NetworkFaults faults,
        Consumer<? super Node.Builder> configure,
        int capacity,
        int maxTopics) {
    WiredNode start(NodeIncarnation incarnation, MemoryStorage disk) {
        Node.Builder builder = Node.builder(incarnation.name()).bind("127.0.0.1", incarnation.port());
        configure.accept(builder);
        return new Wiring(incarnation.peer().incarnation(), incarnation.time(), disk, capacity, maxTopics, listener -> {
                    KitWire wire = new KitWire(network.open(incarnation.peer(), listener), incarnation, views, faults);
                    views.join(incarnation);
                    return wire;
                })
                .start(builder);
    }
}
