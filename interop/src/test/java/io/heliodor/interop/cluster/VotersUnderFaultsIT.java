package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.linearizability.TermHistory;
import io.heliodor.interop.hosts.WithHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three voters on hosts of their own that register, release and look up names while one of them is killed, loses its entries, is
 * frozen, or loses its messages in one direction. Their answers are those of a single register.
 */
@Tag("long")
@WithHosts
class VotersUnderFaultsIT {
    private static final int ROUNDS = Integer.getInteger("heliodor.voters.rounds", 2);
    private static final long SEED = Long.getLong("heliodor.rounds.seed", 42);
    private static final int HOSTS = 3;
    private static final String[] VERBS = {"register", "unregister", "lookup", "lookup"};

    /** The only host that loses entries: the directories of the others are a majority. */
    private static final int DAMAGED = 0;

    @TempDir
    private Path data;

    private final Random random = new Random(SEED);
    private final RegistryHistory history = new RegistryHistory();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Set<NodeShell> killed = ConcurrentHashMap.newKeySet();

    /** All incarnations in the order of their starts. */
    private final List<NodeShell> shells = new CopyOnWriteArrayList<>();

    private final ConcurrentHashMap<Integer, NodeShell> present = new ConcurrentHashMap<>();
    private volatile boolean over;

    private enum Fault {
        KILL,
        LOST_ENTRIES,
        FREEZE,
        ONE_WAY
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void theAnswersAreThoseOfASingleRegister() throws Exception {
        try (Spaces spaces = new Spaces(HOSTS, Optional.of(data))) {
            for (int host = 0; host < HOSTS; host++) {
                serve(host, spaces.node(host));
            }
            allAnswer(spaces);
            List<Thread> clients = new ArrayList<>();
            for (int host = 0; host < HOSTS; host++) {
                int at = host;
                clients.add(Thread.ofPlatform().start(() -> requests(at)));
            }
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    List<Fault> faults = new ArrayList<>(
                            List.of(round % 2 == 0 ? Fault.LOST_ENTRIES : Fault.KILL, Fault.FREEZE, Fault.ONE_WAY));
                    Collections.shuffle(faults, random);
                    for (Fault fault : faults) {
                        cause(fault, spaces);
                    }
                }
            } finally {
                over = true;
                for (Thread client : clients) {
                    client.join();
                }
            }
            assertThat(failures).isEmpty();
            assertThat(history.size()).as("operations").isGreaterThan(200);
            assertThat(history.violation()).as("seed %d", SEED).isEmpty();
            assertThat(terms().violations()).as("seed %d", SEED).isEmpty();
            Clusters.allKeptToTheContract(spaces.nodes);
            System.out.printf(
                    "%d rounds of seed %d: %d operations, %d terms%n", ROUNDS, SEED, history.size(), terms().terms());
        }
    }

    /** An incarnation begins, as a candidate. */
    private void serve(int host, NodeShell shell) {
        shells.add(shell);
        shell.ok("campaign boss");
        present.put(host, shell);
    }

    private static void allAnswer(Spaces spaces) {
        Clusters.eventually(Clusters.FORMED, () -> spaces.nodes.forEach(node -> node.ok("lookup ready")));
    }

    private void requests(int host) {
        SplittableRandom draws = new SplittableRandom(SEED + host);
        try {
            while (!over) {
                NodeShell shell = present.get(host);
                if (!killed.contains(shell)) {
                    request(shell, draws);
                }
                Clusters.pause(Duration.ofMillis(5));
            }
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    private void request(NodeShell shell, SplittableRandom draws) {
        try {
            history.run(shell, VERBS[draws.nextInt(VERBS.length)], "name" + draws.nextInt(4));
        } catch (AssertionError e) {
            if (!killed.contains(shell)) {
                throw e;
            }
        }
    }

    /** A fault of a host for a while. Returns when all see each other and are answered. */
    private void cause(Fault fault, Spaces spaces) throws IOException {
        int host = fault == Fault.LOST_ENTRIES ? DAMAGED : random.nextInt(HOSTS);
        int other = (host + 1 + random.nextInt(HOSTS - 1)) % HOSTS;
        NodeShell shell = spaces.node(host);
        history.mayLoseNames(shell);
        switch (fault) {
            case KILL, LOST_ENTRIES -> {
                killed.add(shell);
                shell.kill();
                Clusters.pause(Duration.ofMillis(random.nextInt(2_000)));
                if (fault == Fault.LOST_ENTRIES) {
                    Files.delete(data.resolve(shell.spec().app()).resolve("entries"));
                }
                serve(host, spaces.restart(host));
            }
            case FREEZE -> {
                shell.freeze();
                Clusters.pause(Duration.ofMillis(3_000 + random.nextInt(2_000)));
                shell.thaw();
            }
            case ONE_WAY -> {
                history.mayLoseNames(spaces.node(other));
                spaces.network.drop(host, other);
                Clusters.pause(Duration.ofMillis(3_000 + random.nextInt(4_000)));
                spaces.network.heal();
            }
        }
        Clusters.awaitAlive(spaces.nodes, Clusters.HEALED);
        allAnswer(spaces);
        // An eviction that began before the end of the fault is over.
        Clusters.pause(Duration.ofSeconds(1));
        if (!killed.contains(shell)) {
            history.keepsNames(shell);
        }
        history.keepsNames(spaces.node(other));
    }

    private TermHistory terms() {
        TermHistory terms = new TermHistory();
        for (NodeShell shell : shells) {
            for (Event event : shell.since(0, Happening.of("leading").with("election", "boss"))) {
                terms.leads(event.json().get("term").longValue(), RegistryHistory.incarnation(shell), 0);
            }
        }
        return terms;
    }
}
