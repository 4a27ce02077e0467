package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.hosts.WithHosts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five hosts whose nodes are voters: during faults their answers are those of a single register. */
@Tag("long")
@WithHosts
class PartitionWithVotersIT {
    private static final List<Integer> THREE = List.of(0, 1, 2);
    private static final List<Integer> TWO = List.of(3, 4);

    @TempDir
    private Path data;

    @Test
    void theMinorityIsRefusedAndTheHistoryIsLinearizable() throws Exception {
        try (Spaces spaces = new Spaces(5, Optional.of(data))) {
            // Names can be granted only after the voters have elected a leader.
            Clusters.eventually(Clusters.FORMED, () -> spaces.node(0).ok("register ready"));
            spaces.nodes.forEach(node -> node.ok("campaign boss"));
            RegistryHistory history = new RegistryHistory();
            AtomicBoolean over = new AtomicBoolean();
            ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
            List<Thread> clients = new ArrayList<>();
            for (NodeShell node : spaces.nodes) {
                clients.add(Thread.ofPlatform().start(() -> run(node, history, over, failures)));
            }
            try {
                Clusters.pause(Duration.ofSeconds(5));
                spaces.nodes(TWO).forEach(node -> history.mayLoseNames(node));
                spaces.network.split(THREE, TWO);
                Clusters.pause(Duration.ofSeconds(20));
                minorityIsRefused(spaces);
                spaces.heal();
                Clusters.pause(Duration.ofSeconds(5));
                spaces.nodes(TWO).forEach(node -> history.keepsNames(node));
                // Messages of one of them no longer arrive at the others.
                history.mayLoseNames(spaces.node(0));
                List.of(1, 2, 3, 4).forEach(to -> spaces.network.drop(0, to));
                Clusters.pause(Duration.ofSeconds(20));
                spaces.heal();
                Clusters.pause(Duration.ofSeconds(5));
            } finally {
                over.set(true);
                for (Thread client : clients) {
                    client.join();
                }
            }
            assertThat(failures).isEmpty();
            assertThat(history.size()).isGreaterThan(200);
            assertThat(history.violation()).isEmpty();
            noTermHasTwoLeaders(spaces);
            Clusters.allKeptToTheContract(spaces.nodes);
        }
    }

    private static void minorityIsRefused(Spaces spaces) {
        for (NodeShell node : spaces.nodes(TWO)) {
            node.run("register of-" + node.spec().app()).refused("no_quorum");
            node.run("lookup ready").refused("no_quorum");
            node.run("unregister ready").refused("no_quorum");
            assertThat(node.ok("health").flag("quorum")).isFalse();
            assertThat(node.ok("leader boss").flag("leading")).isFalse();
        }
        for (NodeShell node : spaces.nodes(THREE)) {
            assertThat(node.ok("health").flag("quorum")).isTrue();
            node.ok("register of-" + node.spec().app());
            assertThat(node.ok("lookup ready").text("node"))
                    .isEqualTo(spaces.node(0).name());
        }
    }

    private static void run(
            NodeShell node, RegistryHistory history, AtomicBoolean over, ConcurrentLinkedQueue<Throwable> failures) {
        SplittableRandom random = new SplittableRandom(node.name().hashCode());
        String[] verbs = {"register", "unregister", "lookup", "lookup"};
        try {
            while (!over.get()) {
                history.run(node, verbs[random.nextInt(verbs.length)], "name" + random.nextInt(4));
                Clusters.pause(Duration.ofMillis(20));
            }
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    private static void noTermHasTwoLeaders(Spaces spaces) {
        Map<Long, Set<String>> leaders = new HashMap<>();
        for (NodeShell node : spaces.nodes) {
            long before = Long.MIN_VALUE;
            for (Event event : node.since(0, Happening.of("leading").with("election", "boss"))) {
                long term = event.json().get("term").longValue();
                assertThat(term).as("terms grow").isGreaterThan(before);
                before = term;
                leaders.computeIfAbsent(term, first -> new HashSet<>()).add(node.name());
            }
        }
        assertThat(leaders).isNotEmpty();
        assertThat(leaders.values()).allMatch(each -> each.size() == 1, "one leader");
    }
}
