package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process is killed: two seconds later the others agree on the state without it. */
@WithNodes
@ResourceLock(WithNodes.LOCK)
@Order(WithNodes.EXCLUSIVE)
class NodeKilledIT {
    private static final Duration PATIENCE = Clusters.GONE.plus(Duration.ofSeconds(10));

    @AutoClose
    private final NodeShells shells = new NodeShells();

    @Test
    void theOthersAgreeWithinTwoSeconds() {
        theOthersAgreeAfterTheEndOfAnyNode(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Tag("long")
    void theOthersAgreeAfterTheEndOfAnyNode(int which) {
        List<NodeShell> nodes = shells.startTogether("a", "b", "c");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        NodeShell victim = nodes.get(which);
        List<NodeShell> others = nodes.stream().filter(node -> node != victim).toList();
        victim.ok("register job");
        victim.ok("serve sleep");
        victim.ok("campaign boss");
        victim.await(0, Happening.of("leading").with("election", "boss"), Clusters.GONE);
        nodes.forEach(node -> node.ok("join crew"));
        nodes.forEach(node -> node.ok("track room " + node.name()));
        others.forEach(node -> node.ok("campaign boss"));
        others.forEach(node -> node.ok("monitor job"));
        Clusters.eventually(
                Clusters.GONE,
                () -> nodes.forEach(node ->
                        assertThat(node.ok("group crew").texts("members")).hasSize(3)));
        Clusters.eventually(
                Clusters.GONE,
                () -> nodes.forEach(node ->
                        assertThat(node.ok("present room").texts("keys")).hasSize(3)));
        String incarnation = Long.toString(victim.ok("self").number("incarnation"));
        Map<NodeShell, Integer> marks = Clusters.marks(others);
        NodeShell caller = others.getFirst();
        String call = "rpc " + victim.name() + " sleep 60000 60000";
        CompletableFuture<Answer> pending = caller.begin(call);
        // By the time that this one is answered, the other one has reached the victim.
        others.getLast().ok("rpc " + victim.name() + " sleep 200");

        long killed = System.nanoTime();
        CpuPressure pressure = CpuPressure.now();
        victim.kill();

        caller.answer(call, pending, Clusters.GONE.plus(Duration.ofSeconds(5))).refused("target_down");
        within(killed, System.nanoTime(), pressure, "the pending call");
        Happening down = Happening.of("down").with("node", victim.name()).with("incarnation", incarnation);
        Happening jobDown = Happening.of("down")
                .with("name", "job")
                .with("node", victim.name())
                .with("reason", "no_connection");
        for (NodeShell other : others) {
            within(killed, other.await(marks.get(other), down, PATIENCE).nanos(), pressure, "membership");
            within(killed, other.await(marks.get(other), jobDown, PATIENCE).nanos(), pressure, "monitor");
        }
        Clusters.eventually(killed, PATIENCE, () -> {
            for (NodeShell other : others) {
                assertThat(other.ok("members").statuses()).containsEntry(victim.name(), "dead");
                assertThat(other.ok("group crew").texts("members")).isEqualTo(Clusters.names(others));
                assertThat(other.ok("present room").texts("keys")).isEqualTo(Clusters.names(others));
                assertThat(other.ok("lookup job").text("node")).isEqualTo("null");
            }
            assertThat(Clusters.agreed(others, "leader boss", "leader")).isIn(Clusters.names(others));
        });
        within(killed, System.nanoTime(), pressure, "names, groups, presence and elections");
        assertThat(others)
                .filteredOn(other -> other.ok("leader boss").flag("leading"))
                .hasSize(1);
        others.getLast().ok("register job");
        for (NodeShell other : others) {
            assertThat(other.since(marks.get(other), down)).hasSize(1);
            assertThat(other.since(marks.get(other), jobDown)).hasSize(1);
            other.run("rpc " + victim.name() + " sleep 1").refused("unreachable");
            assertThat(other.ok("health").text("status")).isEqualTo("degraded");
            assertThat(other.ok("health").texts("unreachable")).containsExactly(victim.name());
            assertThat(other.ok("health").flag("quorum")).isTrue();
        }
        Clusters.allKeptToTheContract(others);
    }

    /** On a machine whose processors are all busy, the time for which tasks have waited is added to the limit. */
    private static void within(long from, long to, CpuPressure pressure, String what) {
        assertThat(Duration.ofNanos(to - from)).as(what).isLessThanOrEqualTo(Clusters.GONE.plus(pressure.since()));
    }
}
