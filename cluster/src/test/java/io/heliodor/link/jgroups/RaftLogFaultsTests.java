package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Log;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Voters leave, return and are started again while commands are appended. {@code -Draft.rounds=100} makes more of it. */
class RaftLogFaultsTests {
    private static final long REFUSED_MILLIS = 5;
    private static final String[] NAMES = {"a", "b", "c"};

    @TempDir
    private Path folder;

    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @Test
    void theContractHoldsWhileVotersComeAndGo() throws Exception {
        long seed = Long.getLong("raft.seed", new Random().nextLong());
        Random random = new Random(seed);
        try (Logs logs = new Logs(folder, NAMES)) {
            List<Logs.Node> nodes = new CopyOnWriteArrayList<>();
            nodes.add(logs.start("a"));
            nodes.add(logs.start("b", nodes.get(0)));
            nodes.add(logs.start("c", nodes.get(0), nodes.get(1)));
            List<Thread> askers = List.of(asking(logs, nodes), asking(logs, nodes));
            for (int round = 0; round < Integer.getInteger("raft.rounds", 6); round++) {
                await(logs, 5);
                disturb(logs, nodes, random);
            }
            await(logs, 5);
            over.set(true);
            for (Thread asker : askers) {
                asker.join();
            }
            assertThat(failures).isEmpty();
            await(logs, nodes);
            assertThat(logs.contract.violations()).as("seed %d", seed).isEmpty();
        }
    }

    /** Appends on all nodes, as one that does not know who leads would. */
    private Thread asking(Logs logs, List<Logs.Node> nodes) {
        return Thread.ofVirtual().start(() -> {
            try {
                while (!over.get()) {
                    for (Logs.Node node : nodes) {
                        String command = "c" + numbers.incrementAndGet() + "x".repeat(2_000);
                        if (logs.append(node, command, 300) instanceof Log.Outcome.Refused) {
                            // Two that ask without a pause leave no processor to those who elect, and fill the memory.
                            Thread.sleep(REFUSED_MILLIS);
                        }
                    }
                }
            } catch (Throwable e) {
                failures.add(e);
            }
        });
    }

    private static void disturb(Logs logs, List<Logs.Node> nodes, Random random) throws Exception {
        int which = random.nextInt(NAMES.length);
        Logs.Node node = nodes.get(which);
        Logs.Node other = nodes.get((which + 1) % NAMES.length);
        if (random.nextBoolean()) {
            node.started().wire().disconnect();
            if (random.nextBoolean()) {
                await(logs, 3);
            }
            connect(node, other);
        } else {
            node.close();
            if (random.nextBoolean()) {
                await(logs, 3);
            }
            nodes.set(which, logs.start(node.name(), other, nodes.get((which + 2) % NAMES.length)));
        }
    }

    /** To find together may take longer than one attempt has on a busy machine. */
    private static void connect(Logs.Node node, Logs.Node other) throws Exception {
        for (int attempts = 3; ; attempts--) {
            try {
                node.started().wire().connect(other.started().wire().address());
                return;
            } catch (WireException e) {
                if (attempts == 0 || e.code() != WireException.Code.TIMEOUT) {
                    throw e;
                }
            }
        }
    }

    /** Waits until so many more are committed. */
    private static void await(Logs logs, int more) {
        int before = logs.contract.committed();
        Wires.await(
                () -> "still " + logs.contract.committed() + " committed",
                () -> logs.contract.committed() >= before + more);
    }

    private static void await(Logs logs, List<Logs.Node> nodes) {
        Wires.await(
                () -> nodes.stream().map(node -> node.given().commands().size()).toList() + " commands, leader "
                        + nodes.stream().map(node -> node.log().leader()).toList()
                        + nodes.stream().map(Logs.Node::log).toList(),
                () -> nodes.stream()
                                .map(node -> node.given().commands())
                                .distinct()
                                .count()
                        == 1);
        assertThat(nodes.get(0).given().commands()).hasSizeGreaterThanOrEqualTo(logs.contract.committed());
    }
}
