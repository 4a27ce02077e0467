package io.heliodor.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import io.heliodor.node.Node;
import io.heliodor.node.wiring.WiredNode;
import io.heliodor.raft.MemoryStorage;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/** The nodes of a kit by name, each with its current incarnation and its disk. Any thread may use it. */
final class ClusterNodes {
    private static final int FIRST_PORT = 7100;

    private final NodeStarter starter;
    private final Supplier<NodeTime> times;

    @GuardedBy("this")
    private final Random random;

    /** In the order of their addition. */
    @GuardedBy("this")
    private final Map<String, NodeIncarnation> nodes = new LinkedHashMap<>();

    @GuardedBy("this")
    private final Map<String, MemoryStorage> disks = new HashMap<>();

    @GuardedBy("this")
    private boolean closed;

    /** {@code times} creates the time of each incarnation. */
    ClusterNodes(NodeStarter starter, long seed, Supplier<NodeTime> times) {
        this.starter = starter;
        this.random = new Random(seed);
        this.times = times;
    }

    synchronized List<String> names() {
        return List.copyOf(nodes.keySet());
    }

    /** The current incarnation of a node, which may have ended. */
    synchronized NodeIncarnation find(String name) {
        checkOpen();
        NodeIncarnation incarnation = nodes.get(name);
        if (incarnation == null) {
            throw new IllegalArgumentException("There is no node " + name + " here, but " + nodes.keySet() + ".");
        }
        return incarnation;
    }

    /** The current incarnation of a node that has not ended. */
    NodeIncarnation existing(String name) {
        NodeIncarnation incarnation = find(name);
        if (!incarnation.exists()) {
            throw new IllegalStateException(
                    name + " has " + (incarnation.state == NodeIncarnation.State.CRASHED ? "crashed" : "been closed")
                            + ": restart it first.");
        }
        return incarnation;
    }

    /** The node of an incarnation that has not crashed. */
    Node node(String name) {
        NodeIncarnation incarnation = find(name);
        WiredNode node = incarnation.node();
        if (node == null || incarnation.state == NodeIncarnation.State.CRASHED) {
            throw new IllegalStateException(name + " has crashed: restart(\"" + name + "\") starts it again.");
        }
        return node;
    }

    /** Starts a node of a new name. May advance the clock. */
    Node add(String name) {
        int port;
        synchronized (this) {
            checkOpen();
            if (nodes.containsKey(name)) {
                throw new IllegalArgumentException(
                        "There is a node " + name + " already: restart it, or take another name.");
            }
            port = FIRST_PORT + nodes.size();
        }
        return start(name, port);
    }

    /** Starts a new incarnation of a node, with the disk of the former. May advance the clock. */
    Node start(String name, int port) {
        NodeIncarnation incarnation;
        MemoryStorage disk;
        synchronized (this) {
            incarnation = new NodeIncarnation(new Peer(name, random.nextLong() & Long.MAX_VALUE), port, times.get());
            nodes.put(name, incarnation);
            disk = disks.computeIfAbsent(name, _ -> new MemoryStorage(Long.toHexString(random.nextLong())))
                    .reopened();
            disks.put(name, disk);
        }
        boolean started = false;
        try {
            WiredNode node = starter.start(incarnation, disk);
            incarnation.started(node);
            started = true;
            return node;
        } finally {
            if (!started) {
                forget(name, incarnation);
            }
        }
    }

    private synchronized void forget(String name, NodeIncarnation incarnation) {
        nodes.remove(name, incarnation);
        incarnation.time().close();
    }

    synchronized void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The kit is closed.");
        }
    }

    /** Ends the use of the kit; returns the nodes that are to be closed. Empty if it was closed already. */
    synchronized Optional<List<NodeIncarnation>> close() {
        if (closed) {
            return Optional.empty();
        }
        closed = true;
        return Optional.of(
                nodes.values().stream().filter(NodeIncarnation::exists).toList());
    }

    /** The members and names that each running node sees, for people. */
    @Override
    public String toString() {
        StringBuilder all = new StringBuilder();
        List<NodeIncarnation> present;
        synchronized (this) {
            present = List.copyOf(nodes.values());
        }
        for (NodeIncarnation incarnation : present) {
            WiredNode node = incarnation.node();
            if (incarnation.exists() && node != null) {
                all.append(incarnation).append(" sees ");
                node.membership()
                        .members()
                        .forEach(member -> all.append(member.node())
                                .append(' ')
                                .append(member.status())
                                .append(", "));
                all.append("names ").append(node.registry().names()).append('\n');
            }
        }
        return all.toString();
    }
}
