package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A process is stopped for a while: its sockets stay open, and it sends nothing. */
@WithNodes
@ResourceLock(WithNodes.LOCK)
@Order(WithNodes.EXCLUSIVE)
class NodeFrozenIT {
    @AutoClose
    private final NodeShells shells = new NodeShells();

    @Test
    void noMemberIsDeclaredDeadForThreeSeconds() {
        List<NodeShell> nodes = shells.startTogether("a", "b", "c");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        for (NodeShell frozen : nodes) {
            Map<NodeShell, Integer> marks = Clusters.marks(nodes);
            frozen.freeze();
            Clusters.pause(Duration.ofSeconds(3));
            frozen.thaw();
            Clusters.awaitAlive(nodes, Duration.ofSeconds(10));
            for (NodeShell node : nodes) {
                for (NodeShell other : nodes) {
                    node.ok("ping " + other.name());
                }
            }
            Clusters.noMemberDied(nodes, marks);
        }
    }

    /** Five seconds are too short to exclude a member, so the sessions to it must last. */
    @Test
    @Tag("long")
    void aFloodToAMemberThatIsFrozenForFiveSecondsEndsNoSession() {
        List<NodeShell> nodes = shells.startTogether("a", "b", "c");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        NodeShell flooding = nodes.get(0);
        NodeShell frozen = nodes.get(2);
        frozen.ok("register sink");
        frozen.ok("subscribe news");
        nodes.get(1).ok("subscribe news");
        nodes.forEach(node -> node.ok("join crew"));
        flooding.ok("monitor sink");
        Map<NodeShell, Integer> marks = Clusters.marks(nodes);
        String text = "x".repeat(400_000); // a dozen fill a queue, also when the machine is busy
        List<Double> pings = new ArrayList<>();

        frozen.freeze();
        long begun = System.nanoTime();
        // First the queue is filled: on a slow machine the commands after this take all of the time.
        while (lost(flooding) == 0 && isFrozen(begun)) {
            flooding.ok("publish news " + text);
        }
        pings.add(nodes.get(1).ok("ping " + flooding.name()).decimal("ms"));
        for (int i = 0; isFrozen(begun); i++) {
            flooding.ok("publish news " + text);
            flooding.ok("broadcast crew " + text);
            if (i < 18) {
                flooding.ok("send sink " + text); // waits a second each when the queue is full
            }
            pings.add(nodes.get(1).ok("ping " + flooding.name()).decimal("ms"));
            nodes.get(1).ok("inbox crew");
            flooding.ok("inbox crew");
        }
        frozen.thaw();

        Happening last = Happening.of("message").with("topic", "news").with("text", "last");
        // Its queue may still be full, and messages that are published then are dropped.
        Clusters.eventually(Clusters.FORMED, () -> {
            flooding.ok("publish news last");
            for (NodeShell node : nodes.subList(1, 3)) {
                assertThat(node.since(marks.get(node), last)).as(node.name()).isNotEmpty();
            }
        });
        assertThat(flooding.since(marks.get(flooding), Happening.of("down").with("name", "sink")))
                .as("monitors of a living process that fired")
                .isEmpty();
        Clusters.noMemberDied(nodes, marks);
        assertThat(lost(flooding)).isPositive();
        frozen.ok("stop sink");
        flooding.await(
                marks.get(flooding),
                Happening.of("down").with("name", "sink").with("reason", "normal"),
                Clusters.FORMED);
        Clusters.undisturbed(pings);
    }

    private static boolean isFrozen(long since) {
        return System.nanoTime() - since < Duration.ofSeconds(5).toNanos();
    }

    private static long lost(NodeShell node) {
        return node.ok("stats").field("stats").get("publish_lost").asLong();
    }

    @Test
    @Tag("long")
    void aMemberThatWasFrozenForAMinuteReturnsByItselfAndNoNameHasTwoOwners() {
        List<NodeShell> nodes = shells.startTogether("a", "b", "c");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        NodeShell frozen = nodes.getLast();
        List<NodeShell> others = nodes.subList(0, 2);
        frozen.ok("register job");
        frozen.ok("campaign boss");
        nodes.forEach(node -> node.ok("join crew"));
        frozen.await(0, Happening.of("leading").with("election", "boss"), Clusters.SILENT);
        others.forEach(node -> node.ok("campaign boss"));
        long incarnation = frozen.ok("self").number("incarnation");
        Map<NodeShell, Integer> marks = Clusters.marks(nodes);

        long since = System.nanoTime();
        frozen.freeze();
        Happening down = Happening.of("down").with("node", frozen.name()).having("incarnation");
        others.forEach(node -> node.await(marks.get(node), down, Clusters.SILENT.plusSeconds(2)));
        Clusters.eventually(Clusters.GONE, () -> {
            assertThat(Clusters.agreed(others, "lookup job", "node")).isEqualTo("null");
            assertThat(Clusters.agreed(others, "leader boss", "leader")).isIn(Clusters.names(others));
        });
        others.getFirst().ok("register job");
        Clusters.pause(Duration.ofSeconds(60).minusNanos(System.nanoTime() - since));
        frozen.thaw();

        Clusters.awaitAlive(nodes, Clusters.HEALED);
        assertThat(frozen.ok("self").number("incarnation")).isEqualTo(incarnation);
        nodes.forEach(node -> assertThat(node.ok("members").incarnations()).containsEntry(frozen.name(), incarnation));
        Clusters.eventually(Clusters.HEALED, () -> {
            assertThat(Clusters.agreed(nodes, "lookup job", "node"))
                    .isIn(frozen.name(), others.getFirst().name());
            assertThat(Clusters.agreed(nodes, "leader boss", "leader")).isIn(Clusters.names(nodes));
            assertThat(nodes)
                    .filteredOn(node -> node.ok("leader boss").flag("leading"))
                    .hasSize(1);
            for (NodeShell node : nodes) {
                assertThat(node.ok("group crew").texts("members")).isEqualTo(Clusters.names(nodes));
            }
        });
        Happening conflict = Happening.of("conflict")
                .with("name", "job")
                .with("winner", Clusters.agreed(nodes, "lookup job", "node"));
        frozen.await(marks.get(frozen), conflict, Clusters.HEALED);
        others.getFirst().await(marks.get(others.getFirst()), conflict, Clusters.HEALED);
        nodes.forEach(node -> node.await(marks.get(node), Happening.of("merged").having("nodes"), Clusters.HEALED));
        Clusters.allKeptToTheContract(nodes);
    }
}
