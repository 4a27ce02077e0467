package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.FormerWire;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of the former wire are replaced by those of today, one by one: meanwhile all nodes serve each other. */
@Tag("long")
@WithNodes
class MixedNodesIT {
    private static final List<String> APPS = List.of("a", "b", "c");
    private static final List<String> NAMES =
            APPS.stream().map(app -> app + "@127.0.0.1").toList();

    /** Larger than a batch: a node of today sends it in parts, if its peer takes parts. */
    private static final String LARGE = "x".repeat(50_000);

    @AutoClose
    private final NodeShells today = new NodeShells();

    private final List<NodeShell> nodes = new ArrayList<>();

    @Test
    void nodesOfBothWiresAreOneCluster() throws Exception {
        try (NodeShells former = former()) {
            nodes.addAll(former.startTogether(APPS.toArray(String[]::new)));
            replaceAll();
        }
    }

    @Test
    void votersOfBothWiresAreOneCluster(@TempDir Path data) throws Exception {
        try (NodeShells former = former()) {
            nodes.addAll(former.startTogether(NAMES, data, APPS.toArray(String[]::new)));
            replaceAll();
        }
    }

    private static NodeShells former() throws Exception {
        return new NodeShells(List.of((FormerWire.launcher() + " node").split(" ", -1)));
    }

    private void replaceAll() {
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        work(0);
        for (int i = 0; i < nodes.size(); i++) {
            NodeShell old = nodes.get(i);
            old.terminate();
            assertThat(old.status(Duration.ofSeconds(20))).isZero();
            nodes.set(i, today.start(old.spec()));
            Clusters.awaitAlive(nodes, Clusters.FORMED);
            work(i + 1);
        }
        Clusters.allKeptToTheContract(nodes);
    }

    /** Names, messages, calls, groups, procedures, metadata, topics and presence, from each node to each. */
    private void work(int round) {
        for (NodeShell node : nodes) {
            node.ok("register " + name(node, round));
            node.ok("join group" + round);
            node.ok("serve echo");
            node.ok("put round " + round);
            node.ok("subscribe topic" + round);
            node.ok("track topic" + round + " " + node.name());
        }
        for (NodeShell from : nodes) {
            for (NodeShell to : nodes) {
                Clusters.eventually(Clusters.HEALED, () -> {
                    assertThat(from.ok("lookup " + name(to, round)).text("node"))
                            .isEqualTo(to.name());
                    assertThat(from.ok("metadata " + to.name())
                                    .json()
                                    .path("entries")
                                    .path("round")
                                    .asString())
                            .isEqualTo(Integer.toString(round));
                });
                from.ok("send " + name(to, round) + " " + from.name());
                assertThat(from.ok("call " + name(to, round) + " hi").text("reply"))
                        .isEqualTo(to.name() + ":hi");
                assertThat(from.ok("rpc " + to.name() + " echo {\"n\":1}")
                                .json()
                                .path("result")
                                .path("n")
                                .asInt())
                        .isEqualTo(1);
            }
            Clusters.eventually(Clusters.HEALED, () -> {
                assertThat(from.ok("group group" + round).texts("members")).isEqualTo(NAMES);
                assertThat(from.ok("present topic" + round).texts("keys")).isEqualTo(NAMES);
            });
            from.ok("broadcast group" + round + " " + from.name());
            from.ok("publish topic" + round + " " + LARGE);
        }
        for (NodeShell node : nodes) {
            for (String inbox : List.of(name(node, round), "group" + round)) {
                List<String> got = new ArrayList<>();
                Clusters.eventually(Clusters.HEALED, () -> {
                    got.addAll(node.ok("inbox " + inbox).texts("messages"));
                    assertThat(got).as(inbox).containsExactlyInAnyOrderElementsOf(NAMES);
                });
            }
            Clusters.eventually(
                    Clusters.HEALED,
                    () -> assertThat(node.since(0, Happening.of("message").with("topic", "topic" + round)))
                            .hasSize(nodes.size()));
        }
    }

    private static String name(NodeShell node, int round) {
        return node.spec().app() + round;
    }
}
