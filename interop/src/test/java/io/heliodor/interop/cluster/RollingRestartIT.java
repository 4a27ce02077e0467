package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Five nodes are started again, one after the other, while each sends to all: between live nodes nothing is lost. */
@Tag("long")
@WithNodes
class RollingRestartIT {
    private static final int NODES = 5;

    /** 1 000 a second of all together. */
    private static final Duration BETWEEN = Duration.ofMillis(5);

    @AutoClose
    private final NodeShells shells = new NodeShells();

    private final List<NodeShell> nodes = Collections.synchronizedList(new ArrayList<>());
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** The messages from one node to another, and those that arrived: {@code number} of {@code from}, in order. */
    private final Map<String, Long> sent = new TreeMap<>();

    private final Map<String, List<Long>> arrived = new TreeMap<>();

    @Test
    void noMessageBetweenLiveNamesIsLostOrOvertaken() throws Exception {
        nodes.addAll(shells.startTogether("a", "b", "c", "d", "e"));
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        for (int i = 0; i < NODES; i++) {
            nodes.get(i).ok("register name" + i);
        }
        for (int restarted = -1; restarted < NODES; restarted++) {
            round(restarted);
        }
        long messages = sent.values().stream().mapToLong(Long::longValue).sum();
        assertThat(messages).isGreaterThan(5_000);
        sent.forEach((pair, count) -> assertThat(arrived.get(pair))
                .as(pair)
                .isEqualTo(LongStream.range(0, count).boxed().toList()));
        Clusters.allKeptToTheContract(nodes);
    }

    /** One node ends and starts again while the others send to each other; none is restarted for -1. */
    private void round(int restarted) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Integer> senders = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            if (i != restarted) {
                senders.add(i);
            }
        }
        List<Thread> threads = senders.stream()
                .map(from -> Thread.ofPlatform().start(() -> sendToAll(from, senders, over)))
                .toList();
        try {
            Clusters.pause(Duration.ofSeconds(2));
            if (restarted >= 0) {
                restart(restarted);
            }
            Clusters.pause(Duration.ofSeconds(2));
        } finally {
            over.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(failures).isEmpty();
        senders.forEach(this::collect);
    }

    private void restart(int which) {
        NodeShell before = nodes.get(which);
        before.terminate();
        assertThat(before.status(Duration.ofSeconds(20))).isZero();
        NodeShell after = shells.start(before.spec());
        nodes.set(which, after);
        Clusters.awaitAlive(List.copyOf(nodes), Clusters.FORMED);
        after.ok("register name" + which);
    }

    private void sendToAll(int from, List<Integer> senders, AtomicBoolean over) {
        NodeShell shell = nodes.get(from);
        Deque<CompletableFuture<Answer>> waiting = new ArrayDeque<>();
        long begun = System.nanoTime();
        try {
            for (int i = 0; !over.get(); i++) {
                int to = senders.get(i % senders.size());
                waiting.add(shell.begin("send name" + to + " " + from + " " + next(from, to)));
                if (waiting.size() > 50) {
                    shell.answer("send", waiting.removeFirst(), NodeShell.ANSWER)
                            .good();
                }
                long due = begun + i * BETWEEN.toNanos();
                Clusters.pause(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
            }
            waiting.forEach(
                    answer -> shell.answer("send", answer, NodeShell.ANSWER).good());
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    private long next(int from, int to) {
        synchronized (sent) {
            return sent.merge(from + " to " + to, 1L, Long::sum) - 1;
        }
    }

    /** Reads the inbox of a node until all messages to it are there; missing ones are reported at the end. */
    private void collect(int to) {
        long due = sent.entrySet().stream()
                .filter(pair -> pair.getKey().endsWith(" to " + to))
                .mapToLong(Map.Entry::getValue)
                .sum();
        long end = System.nanoTime() + Clusters.SILENT.toNanos();
        while (read(to) < due && System.nanoTime() < end) {
            Clusters.pause(Duration.ofMillis(50));
        }
    }

    private long read(int to) {
        for (String text : nodes.get(to).ok("inbox name" + to).texts("messages")) {
            String[] words = text.split(" ", 2);
            arrived.computeIfAbsent(words[0] + " to " + to, first -> new ArrayList<>())
                    .add(Long.valueOf(words[1]));
        }
        return arrived.entrySet().stream()
                .filter(pair -> pair.getKey().endsWith(" to " + to))
                .mapToLong(pair -> pair.getValue().size())
                .sum();
    }
}
