package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A process is stopped while another one floods it with publishes, broadcasts and messages: calls, names and elections of the
 * others go on. Five seconds are too short to exclude it, twenty are not.
 */
@WithNodes
@ResourceLock(WithNodes.LOCK)
@Order(WithNodes.EXCLUSIVE)
@Tag("long")
class FrozenUnderFloodIT {
    private static final String TEXT = "x".repeat(100_000);
    private static final int UNDER_WAY = 30;

    /** More than the sockets of a pair of nodes take while one of them does not read. */
    private static final long FLOOD = 10_000_000;

    @TempDir
    private Path data;

    @AutoClose
    private final NodeShells shells = new NodeShells();

    /** Both times and both kinds of clusters, each with each only in the largest size of the tests: a case takes 50 s. */
    static Stream<Arguments> freezes() {
        Stream<Arguments> some = Stream.of(arguments(5, false), arguments(20, true));
        return "long".equals(System.getProperty("heliodor.tests"))
                ? Stream.concat(some, Stream.of(arguments(5, true), arguments(20, false)))
                : some;
    }

    @ParameterizedTest(name = "{0} s, with voters: {1}")
    @MethodSource("freezes")
    void theOthersContinue(int seconds, boolean voters) throws Exception {
        List<NodeShell> nodes = voters
                ? shells.startTogether(List.of("a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"), data, "a", "b", "c", "d")
                : shells.startTogether("a", "b", "c", "d");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        NodeShell flooding = nodes.get(1);
        NodeShell observer = nodes.get(2);
        NodeShell registrar = nodes.get(voters ? 3 : 0);
        // The first voter most probably leads the others. Without voters the first member grants names, which is most
        // probably a.
        NodeShell frozen = nodes.get(voters ? 0 : 3);
        List<NodeShell> others =
                nodes.stream().filter(node -> !node.equals(frozen)).toList();
        Clusters.eventually(Clusters.FORMED, () -> frozen.ok("register sink"));
        Clusters.eventually(
                Clusters.FORMED,
                () -> assertThat(flooding.ok("lookup sink").text("node")).isEqualTo(frozen.name()));
        frozen.ok("subscribe news");
        nodes.forEach(node -> node.ok("join crew"));
        flooding.ok("call sink there");
        flooding.ok("monitor sink");
        Map<NodeShell, Integer> marks = Clusters.marks(nodes);

        AtomicBoolean over = new AtomicBoolean();
        AtomicLong sent = new AtomicLong();
        Thread flood = Thread.ofPlatform().start(() -> flood(flooding, over, sent));
        List<Double> pings = new ArrayList<>();
        List<CompletableFuture<Answer>> registered = new ArrayList<>();
        List<CompletableFuture<Answer>> campaigns = new ArrayList<>();
        frozen.freeze();
        try {
            long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
            // A freeze that excludes a node may last longer: on a machine under load the flood takes its time.
            while (System.nanoTime() < end || (seconds == 20 && sent.get() < FLOOD && flood.isAlive())) {
                registered.add(registrar.begin("register name" + registered.size()));
                campaigns.add(registrar.begin("campaign duty" + campaigns.size()));
                pings.addAll(Clusters.pings(observer, others, Duration.ofSeconds(1)));
            }
            if (voters) {
                assertThat(registered.getFirst())
                        .as("registered during the freeze")
                        .isDone();
            }
        } finally {
            over.set(true);
            frozen.thaw();
            flood.join();
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < registered.size(); i++) {
            Answer answer = registrar.answer("register", registered.get(i), NodeShell.ANSWER);
            // Without voters a name is granted when all members acknowledge it: after the frozen one is excluded or
            // back. If the frozen one grants the names, which is so when others joined it, a request may be lost with
            // it.
            if (voters || !answer.error().equals("unknown")) {
                var _ = answer.good();
                names.add("name" + i);
            }
        }
        for (int i = 0; i < campaigns.size(); i++) {
            registrar.answer("campaign", campaigns.get(i), NodeShell.ANSWER).good();
            registrar.await(
                    marks.get(registrar), Happening.of("leading").with("election", "duty" + i), Clusters.HEALED);
        }
        assertThat(sent.get()).as("bytes that were offered").isGreaterThanOrEqualTo(seconds == 20 ? FLOOD : 1_000_000);
        Clusters.undisturbed(pings);
        Happening down = Happening.of("down").with("name", "sink");
        if (seconds == 5) {
            Clusters.noMemberDied(nodes, marks);
            assertThat(flooding.since(marks.get(flooding), down))
                    .as("monitors of a living process that fired")
                    .isEmpty();
        } else {
            flooding.await(marks.get(flooding), down, Clusters.SILENT);
            for (NodeShell node : others) {
                assertThat(node.since(marks.get(node), Happening.of("down").having("incarnation")))
                        .allMatch(each -> each.text("node").equals(frozen.name()), "only the frozen one");
            }
        }
        Clusters.awaitAlive(nodes, Clusters.HEALED);
        Clusters.eventually(Clusters.HEALED, () -> registrar.ok("register afterwards"));
        names.add("afterwards");
        Clusters.eventually(
                Clusters.HEALED,
                () -> assertThat(names)
                        .allSatisfy(
                                name -> assertThat(frozen.ok("lookup " + name).text("node"))
                                        .as("owner of " + name)
                                        .isEqualTo(registrar.name())));
    }

    /** In turn by each way, as fast as they are taken, up to 20 MB a second. */
    private static void flood(NodeShell from, AtomicBoolean over, AtomicLong sent) {
        List<String> ways = List.of("publish news ", "broadcast crew ", "send sink ");
        Deque<CompletableFuture<Answer>> waiting = new ArrayDeque<>();
        long begun = System.nanoTime();
        for (int i = 0; !over.get(); i++) {
            waiting.add(from.begin(ways.get(i % ways.size()) + TEXT));
            sent.addAndGet(TEXT.length());
            if (waiting.size() > UNDER_WAY) {
                from.answer("flood", waiting.removeFirst(), NodeShell.ANSWER);
            }
            long due = begun + i * 5_000_000L;
            Clusters.pause(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
        }
        waiting.forEach(answer -> from.answer("flood", answer, NodeShell.ANSWER));
    }
}
