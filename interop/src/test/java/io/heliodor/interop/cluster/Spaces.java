package io.heliodor.interop.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliodor.interop.hosts.Network;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Nodes that have a host of their own each, with a network between them that can be broken. */
final class Spaces implements AutoCloseable {
    private static final int PORT = 7100;

    final Network network;
    final NodeShells shells = new NodeShells();
    final List<NodeShell> nodes;

    /** Starts them all at once; if that is impossible, the test is skipped with the reason. */
    Spaces(int count, Optional<Path> data) {
        Optional<String> whyNot = Network.whyNot();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
        network = new Network(count);
        List<String> names = IntStream.range(0, count)
                .mapToObj(host -> app(host) + "@" + network.address(host))
                .toList();
        List<NodeSpec> specs = new ArrayList<>();
        for (int host = 0; host < count; host++) {
            NodeSpec spec = NodeSpec.local(app(host))
                    .in(network.space(host), network.address(host))
                    .on(PORT)
                    .seeds(Network.NAME + ":" + PORT);
            String app = app(host);
            specs.add(
                    data.map(folder -> spec.voters(names, folder.resolve(app))).orElse(spec));
        }
        try {
            nodes = new ArrayList<>(shells.startAll(specs.toArray(NodeSpec[]::new)));
            Clusters.awaitAlive(nodes, Clusters.FORMED);
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private static String app(int host) {
        return String.valueOf((char) ('a' + host));
    }

    NodeShell node(int host) {
        return nodes.get(host);
    }

    List<NodeShell> nodes(List<Integer> hosts) {
        return hosts.stream().map(this::node).toList();
    }

    /** Starts a node again that has ended, as it was started before. */
    NodeShell restart(int host) {
        NodeShell next = shells.start(node(host).spec());
        nodes.set(host, next);
        return next;
    }

    /** Takes all faults away, and waits until all see all alive. */
    void heal() {
        network.heal();
        Clusters.awaitAlive(nodes, Clusters.HEALED);
    }

    /** Each node reaches each other. */
    void allReachAll(Duration deadline) {
        Clusters.eventually(deadline, () -> {
            for (NodeShell from : nodes) {
                for (NodeShell to : nodes) {
                    from.ok("ping " + to.name());
                }
            }
        });
    }

    @Override
    public void close() {
        shells.close();
        network.close();
    }
}
