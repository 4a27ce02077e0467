package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.hosts.WithHosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Five hosts, whose network breaks in several ways and heals. No node is a voter. */
@WithHosts
@Tag("long")
class PartitionIT {
    private static final List<Integer> THREE = List.of(0, 1, 2);
    private static final List<Integer> TWO = List.of(3, 4);

    private static Spaces spaces;

    @BeforeAll
    static void start() {
        spaces = new Spaces(5, Optional.empty());
    }

    @AfterAll
    static void end() {
        if (spaces != null) {
            spaces.close();
        }
    }

    @AfterEach
    void allMembersReturn() {
        spaces.heal();
        spaces.allReachAll(Duration.ofSeconds(10));
        Clusters.allKeptToTheContract(spaces.nodes);
    }

    @Test
    void eachSideOfASplitIsAClusterAndConflictsAreResolvedWhenItHeals() {
        List<NodeShell> three = spaces.nodes(THREE);
        List<NodeShell> two = spaces.nodes(TWO);
        spaces.nodes.forEach(node -> node.ok("join crew"));
        spaces.node(3).ok("register far");
        spaces.nodes.forEach(node -> node.ok("campaign boss"));
        Map<NodeShell, Integer> marks = Clusters.marks(spaces.nodes);

        long since = System.nanoTime();
        spaces.network.split(THREE, TWO);
        List<Double> pings = Clusters.pings(three.getFirst(), three, Clusters.SILENT);

        Clusters.undisturbed(pings);
        Clusters.eventually(since, Clusters.SILENT.plusSeconds(5), () -> {
            sees(three, two);
            sees(two, three);
        });
        assertThat(three).allMatch(node -> node.ok("health").flag("quorum"));
        assertThat(two).noneMatch(node -> node.ok("health").flag("quorum"));
        for (List<NodeShell> side : List.of(three, two)) {
            Clusters.eventually(Clusters.GONE, () -> {
                assertThat(side)
                        .filteredOn(node -> node.ok("leader boss").flag("leading"))
                        .hasSize(1);
                for (NodeShell node : side) {
                    assertThat(node.ok("group crew").texts("members")).isEqualTo(Clusters.names(side));
                }
            });
        }
        assertThat(Clusters.agreed(three, "lookup far", "node")).isEqualTo("null");
        assertThat(Clusters.agreed(two, "lookup far", "node"))
                .isEqualTo(spaces.node(3).name());
        spaces.node(0).ok("register both");
        spaces.node(4).ok("register both");
        spaces.node(1).ok("register near");

        spaces.heal();

        for (NodeShell node : spaces.nodes) {
            node.await(marks.get(node), Happening.of("merged").having("nodes"), Clusters.HEALED);
        }
        Clusters.eventually(Clusters.HEALED, () -> {
            assertThat(Clusters.agreed(spaces.nodes, "lookup both", "node"))
                    .isIn(spaces.node(0).name(), spaces.node(4).name());
            assertThat(Clusters.agreed(spaces.nodes, "lookup far", "node"))
                    .isEqualTo(spaces.node(3).name());
            assertThat(Clusters.agreed(spaces.nodes, "lookup near", "node"))
                    .isEqualTo(spaces.node(1).name());
            assertThat(spaces.nodes)
                    .filteredOn(node -> node.ok("leader boss").flag("leading"))
                    .hasSize(1);
            for (NodeShell node : spaces.nodes) {
                assertThat(node.ok("group crew").texts("members")).isEqualTo(Clusters.names(spaces.nodes));
            }
        });
        String winner = Clusters.agreed(spaces.nodes, "lookup both", "node");
        NodeShell loser = winner.equals(spaces.node(0).name()) ? spaces.node(4) : spaces.node(0);
        Happening conflict = Happening.of("conflict")
                .with("name", "both")
                .with("winner", winner)
                .with("loser", loser.name());
        for (NodeShell each : List.of(spaces.node(0), spaces.node(4))) {
            each.await(marks.get(each), conflict, Clusters.HEALED);
            assertThat(each.since(marks.get(each), conflict)).hasSize(1);
        }
        // The loser's process continues without the name.
        loser.ok("inbox both");
        assertThat(spaces.node(2).ok("call both hi").text("reply")).isEqualTo(winner + ":hi");
    }

    private static void sees(List<NodeShell> side, List<NodeShell> other) {
        for (NodeShell node : side) {
            Map<String, String> statuses = node.ok("members").statuses();
            assertThat(Clusters.alive(node)).isEqualTo(Clusters.names(side));
            Clusters.names(other).forEach(name -> assertThat(statuses).containsEntry(name, "dead"));
        }
    }

    @Test
    void aOneWaySplitDisturbsNoSideWithinItself() {
        for (int from : THREE) {
            for (int to : TWO) {
                spaces.network.drop(from, to);
            }
        }
        List<Double> pings = Clusters.pings(spaces.node(0), spaces.nodes(THREE), Duration.ofSeconds(25));
        Clusters.undisturbed(pings);
        spaces.node(3).ok("ping " + spaces.node(4).name());
    }

    /** Two pairs, so that the coordinator is most likely in one: the others adopt its view. */
    @Test
    void aBrokenDirectionOfAPairExcludesNoMember() {
        Map<NodeShell, Integer> marks = Clusters.marks(spaces.nodes);
        spaces.network.drop(0, 1);
        spaces.network.drop(2, 3);
        List<Double> pings = Clusters.pings(spaces.node(4), spaces.nodes, Duration.ofSeconds(20));
        Clusters.undisturbed(pings);
        Clusters.noMemberDied(spaces.nodes, marks);
        assertThat(suspected(spaces.node(4), marks)).isEmpty();
        spaces.node(4).ok("register calm");
        for (List<Integer> pair : List.of(List.of(0, 1), List.of(2, 3))) {
            for (int host : pair) {
                assertThat(suspected(spaces.node(host), marks))
                        .as("suspects of " + spaces.node(host).name())
                        .isSubsetOf(Clusters.names(spaces.nodes(pair)));
            }
        }
        spaces.allReachAll(Duration.ofSeconds(10));
    }

    /** Each node is in a broken pair, the coordinator too. For some pairs there is one third node only. */
    @Test
    void brokenPairsStopNeitherNamesNorElectionsNorCallsAlsoWhenTheViewChanges() {
        Map<NodeShell, Integer> marks = Clusters.marks(spaces.nodes);
        spaces.nodes.forEach(node -> node.ok("register before-" + app(node)));
        for (int host = 0; host < 4; host++) {
            spaces.network.split(List.of(host), List.of(host + 1));
        }
        spaces.allReachAll(Duration.ofSeconds(20));
        Clusters.noMemberDied(spaces.nodes, marks);
        namesAndElectionsWork(spaces.nodes, "pairs");

        spaces.node(1).kill();
        try {
            List<NodeShell> four = spaces.nodes(List.of(0, 2, 3, 4));
            Clusters.eventually(
                    Clusters.SILENT,
                    () -> assertThat(Clusters.agreed(four, "lookup before-b", "node"))
                            .isEqualTo("null"));
            assertThat(four).allSatisfy(node -> assertThat(Clusters.alive(node)).isEqualTo(Clusters.names(four)));
            namesAndElectionsWork(four, "view");
        } finally {
            spaces.network.heal();
            spaces.restart(1);
        }
    }

    private static String app(NodeShell node) {
        return node.name().substring(0, node.name().indexOf('@'));
    }

    private static void namesAndElectionsWork(List<NodeShell> nodes, String prefix) {
        nodes.forEach(node -> node.ok("register " + prefix + "-" + app(node)));
        nodes.forEach(node -> node.ok("campaign " + prefix));
        for (NodeShell owner : nodes) {
            assertThat(Clusters.agreed(nodes, "lookup " + prefix + "-" + app(owner), "node"))
                    .isEqualTo(owner.name());
            for (NodeShell caller : nodes) {
                assertThat(caller.ok("call " + prefix + "-" + app(owner) + " hi")
                                .text("reply"))
                        .isEqualTo(owner.name() + ":hi");
            }
        }
        Clusters.eventually(Clusters.GONE, () -> {
            assertThat(Clusters.agreed(nodes, "leader " + prefix, "leader")).isIn(Clusters.names(nodes));
            assertThat(nodes)
                    .filteredOn(node -> node.ok("leader " + prefix).flag("leading"))
                    .hasSize(1);
        });
    }

    private static List<String> suspected(NodeShell node, Map<NodeShell, Integer> marks) {
        return node.since(marks.get(node), Happening.of("suspect").having("incarnation")).stream()
                .map(event -> event.text("node"))
                .toList();
    }

    /** An incarnation at the address of a former one proves that one ended: the suspicion timeout is not needed. */
    @Test
    void aNodeThatReturnsAtItsAddressProvesItsFormerIncarnationDead() {
        List<Integer> others = List.of(0, 1, 3, 4);
        Map<NodeShell, Integer> marks = Clusters.marks(spaces.nodes);
        NodeShell former = spaces.node(2);
        spaces.network.split(List.of(2), others);
        former.kill();
        spaces.network.heal();
        NodeShell next = spaces.restart(2);
        for (NodeShell node : spaces.nodes(others)) {
            node.await(marks.get(node), Happening.of("up").with("node", next.name()), Clusters.GONE);
        }
        Clusters.awaitAlive(spaces.nodes, Clusters.GONE);
    }

    @Test
    void aLossOfAFifthOfThePacketsExcludesNoMember() {
        Map<NodeShell, Integer> marks = Clusters.marks(spaces.nodes);
        spaces.network.lose(0, 1, 20);
        spaces.network.lose(1, 0, 20);
        List<Double> pings =
                new ArrayList<>(Clusters.pings(spaces.node(0), List.of(spaces.node(1)), Duration.ofSeconds(30)));
        assertThat(pings).isNotEmpty();
        Clusters.noMemberDied(spaces.nodes, marks);
    }
}
