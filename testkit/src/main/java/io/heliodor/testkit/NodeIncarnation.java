package io.heliodor.testkit;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.link.memory.MemoryNetwork;
import io.heliodor.node.wiring.WiredNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One incarnation of a node of the kit. The monitor of {@link SimulatedMembership} guards its state, except for the node. */
final class NodeIncarnation {
    enum State {
        RUNS,
        PAUSED,
        CRASHED,
        CLOSED
    }

    private final Peer peer;
    private final int port;
    private final NodeTime time;

    State state = State.RUNS;
    View view;

    /** Whether it has left the cluster; it is not discovered until it connects again. */
    boolean disconnected;

    /** The time of the last contact with each member. */
    final Map<NodeIncarnation, Long> lastContact = new HashMap<>();

    /** The time since which it suspects a member. */
    final Map<NodeIncarnation, Long> suspects = new HashMap<>();

    private volatile @Nullable WiredNode node;

    NodeIncarnation(Peer peer, int port, NodeTime time) {
        this.peer = peer;
        this.port = port;
        this.time = time;
        this.view = new View(new ViewId(0, peer), List.of(peer), false);
    }

    Peer peer() {
        return peer;
    }

    String name() {
        return peer.node();
    }

    int port() {
        return port;
    }

    NodeTime time() {
        return time;
    }

    void started(WiredNode started) {
        node = started;
    }

    /** The node; null during its start. */
    @Nullable
    WiredNode node() {
        return node;
    }

    boolean isQuiescent(MemoryNetwork network) {
        WiredNode started = node;
        return started == null || started.isQuiescent(to -> !network.takes(peer, to));
    }

    /** Whether the subscribers of a living node have all messages that have come. */
    boolean hasDelivered() {
        WiredNode started = node;
        return started == null || !exists() || started.hasDelivered();
    }

    long wakes() {
        WiredNode started = node;
        return started == null ? 0 : started.wakes();
    }

    boolean exists() {
        return state == State.RUNS || state == State.PAUSED;
    }

    boolean runs() {
        return state == State.RUNS;
    }

    boolean sees(NodeIncarnation other) {
        return view.has(other.peer);
    }

    boolean shares(NodeIncarnation other) {
        return view.id().equals(other.view.id());
    }

    @Override
    public String toString() {
        return peer.node();
    }
}
