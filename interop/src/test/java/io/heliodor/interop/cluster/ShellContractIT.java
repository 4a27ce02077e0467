package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.FreePort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each line of the shell's contract, in a cluster of three. */
@WithNodes
class ShellContractIT {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Duration SOON = Duration.ofSeconds(5);

    private static NodeShells shells;
    private static List<NodeShell> nodes;
    private static NodeShell a;
    private static NodeShell b;
    private static NodeShell c;

    /** A word that no other test uses. */
    private final String word = "w" + NUMBERS.incrementAndGet();

    @BeforeAll
    static void start() {
        shells = new NodeShells();
        nodes = shells.startTogether("a", "b", "c");
        a = nodes.get(0);
        b = nodes.get(1);
        c = nodes.get(2);
        Clusters.awaitAlive(nodes, Clusters.FORMED);
    }

    @AfterAll
    static void end() {
        shells.close();
    }

    @AfterEach
    void everyLineWasInItsPlace() {
        Clusters.allKeptToTheContract(nodes);
    }

    @Test
    void membersAreListedOnceEachInOrderWithTheirIncarnations() {
        for (NodeShell node : nodes) {
            assertThat(node.ok("self").text("node")).isEqualTo(node.name());
            Answer members = node.ok("members");
            assertThat(members.field("members")
                            .valueStream()
                            .map(row -> row.get("node").asString()))
                    .startsWith(a.name(), b.name(), c.name());
            for (NodeShell each : nodes) {
                assertThat(members.statuses()).containsEntry(each.name(), "alive");
                assertThat(members.incarnations())
                        .containsEntry(each.name(), each.ok("self").number("incarnation"));
            }
        }
    }

    @Test
    void aPingTakesItsTime() {
        for (NodeShell other : nodes) {
            assertThat(a.ok("ping " + other.name()).decimal("ms")).isBetween(0.0, 5_000.0);
        }
        a.run("ping nobody@127.0.0.1").refused("unreachable");
    }

    @Test
    void aClusterOfLiveNodesIsHealthy() {
        Answer health = b.ok("health");
        assertThat(health.text("status")).isEqualTo("healthy");
        assertThat(health.texts("reachable")).contains(a.name(), c.name());
        assertThat(health.texts("unreachable")).isEmpty();
        assertThat(health.flag("quorum")).isTrue();
    }

    @Test
    void aNameHasOneOwner() {
        a.ok("register " + word);
        for (NodeShell node : nodes) {
            assertThat(node.ok("lookup " + word).text("node")).isEqualTo(a.name());
            assertThat(node.ok("names").texts("names")).contains(word).isSorted();
        }
        b.run("register " + word).refused("name_taken");
        a.ok("register " + word);
        b.run("unregister " + word).refused("not_owner");
        a.ok("unregister " + word);
        Clusters.eventually(
                SOON,
                () -> assertThat(Clusters.agreed(nodes, "lookup " + word, "node"))
                        .isEqualTo("null"));
        for (NodeShell node : nodes) {
            assertThat(node.ok("names").texts("names")).doesNotContain(word);
            node.run("unregister " + word).refused("no_process");
        }
        b.ok("register " + word);
        assertThat(Clusters.agreed(nodes, "lookup " + word, "node")).isEqualTo(b.name());
    }

    @Test
    void oneOfManyRegistrationsOfANameSucceeds() {
        for (int round = 0; round < 20; round++) {
            String name = word + "-" + round;
            var answers = nodes.stream()
                    .map(node -> Map.entry(node, node.begin("register " + name)))
                    .toList();
            List<Answer> given = answers.stream()
                    .map(each -> each.getKey().answer("register", each.getValue(), NodeShell.ANSWER))
                    .toList();
            assertThat(given).filteredOn(Answer::ok).hasSize(1);
            assertThat(given)
                    .filteredOn(answer -> !answer.ok())
                    .allMatch(answer -> answer.error().equals("name_taken"));
        }
    }

    @Test
    void messagesArriveInOrderAndAreReadOnce() {
        a.ok("register " + word);
        List<String> texts = IntStream.range(0, 200)
                .mapToObj(i -> i + "  \"words\" \\ äöü 🟡 {}")
                .toList();
        texts.forEach(text -> b.ok("send " + word + " " + text));
        // By the same sender, so it follows the messages.
        b.ok("call " + word + " done");
        assertThat(a.ok("inbox " + word).texts("messages")).isEqualTo(texts);
        assertThat(a.ok("inbox " + word).texts("messages")).isEmpty();
        b.run("inbox " + word).refused("no_process");
    }

    @Test
    void aNodeSendsToItself() {
        a.ok("register " + word);
        a.ok("send " + word + " hello");
        Clusters.eventually(
                SOON, () -> assertThat(a.ok("inbox " + word).texts("messages")).containsExactly("hello"));
    }

    @Test
    void aCallIsAnsweredAndNotKept() {
        a.ok("register " + word);
        for (NodeShell node : nodes) {
            assertThat(node.ok("call " + word + " two words 30000").text("reply"))
                    .isEqualTo(a.name() + ":two words");
            assertThat(node.ok("call " + word + " 7").text("reply")).isEqualTo(a.name() + ":7");
        }
        assertThat(a.ok("inbox " + word).texts("messages")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"send nobody hi", "call nobody hi", "inbox nobody", "stop nobody", "unregister nobody"})
    void aMessageToAnUnknownNameIsAnsweredWithNoProcess(String command) {
        b.run(command).refused("no_process");
    }

    @Test
    void aLargeMessageArrivesAndOneThatIsTooLargeIsRefused() {
        a.ok("register " + word);
        b.ok("send " + word + " " + "x".repeat(1 << 20));
        Clusters.eventually(
                SOON,
                () -> assertThat(a.ok("inbox " + word).texts("messages"))
                        .singleElement()
                        .matches(text -> text.length() == 1 << 20));
        b.run("send " + word + " " + "x".repeat(5 << 20)).refused("too_large");
        b.run("call " + word + " " + "x".repeat(5 << 20)).refused("too_large");
        assertThat(b.ok("call " + word + " still there").text("reply")).isEqualTo(a.name() + ":still there");
    }

    @Test
    void aMonitorReportsTheEndOfAProcessOnce() {
        Map.of("normal", "normal", "crash", "failed").forEach((how, reason) -> {
            String name = word + how;
            a.ok("register " + name);
            int mark = b.mark();
            b.ok("monitor " + name);
            a.ok("stop " + name + " " + how);
            Happening down = Happening.of("down")
                    .with("name", name)
                    .with("node", a.name())
                    .with("reason", reason);
            b.await(mark, down, SOON);
            Clusters.eventually(
                    SOON,
                    () -> assertThat(Clusters.agreed(nodes, "lookup " + name, "node"))
                            .isEqualTo("null"));
            a.ok("register " + name);
            a.ok("stop " + name);
            b.ok("call " + sentinel(mark) + " done");
            assertThat(b.since(mark, Happening.of("down").with("name", name))).hasSize(1);
        });
    }

    /** A call to it arrives after the earlier messages of its node. */
    private String sentinel(int mark) {
        String name = word + "-sentinel-" + mark;
        a.ok("register " + name);
        return name;
    }

    @Test
    void aMonitorOfAnUnknownNameReportsNoProcess() {
        int mark = b.mark();
        b.ok("monitor " + word);
        b.await(mark, Happening.of("down").with("name", word).with("reason", "no_process"), SOON);
    }

    @Test
    void aGroupHasAMemberOnEachNodeThatJoined() {
        a.ok("join " + word);
        c.ok("join " + word);
        Clusters.eventually(SOON, () -> {
            for (NodeShell node : nodes) {
                assertThat(node.ok("group " + word).texts("members")).containsExactly(a.name(), c.name());
            }
        });
        assertThat(b.ok("broadcast " + word + " to all").number("sent")).isEqualTo(2);
        assertThat(a.ok("broadcast " + word + " to all others").number("sent")).isEqualTo(2);
        Clusters.eventually(
                SOON, () -> assertThat(c.ok("call " + there(c) + " x").ok()).isTrue());
        assertThat(a.ok("inbox " + word).texts("messages")).containsExactlyInAnyOrder("to all", "to all others");
        assertThat(c.ok("inbox " + word).texts("messages")).containsExactlyInAnyOrder("to all", "to all others");
        a.ok("leave " + word);
        Clusters.eventually(SOON, () -> {
            for (NodeShell node : nodes) {
                assertThat(node.ok("group " + word).texts("members")).containsExactly(c.name());
            }
        });
        assertThat(b.ok("broadcast " + word + " again").number("sent")).isEqualTo(1);
        assertThat(b.ok("group nobody").texts("members")).isEmpty();
        assertThat(b.ok("broadcast nobody hi").number("sent")).isZero();
    }

    /** A name on that node, registered now. */
    private String there(NodeShell node) {
        String name = word + "-" + NUMBERS.incrementAndGet();
        node.ok("register " + name);
        return name;
    }

    @Test
    void proceduresAreCalledAcrossNodes() {
        List.of("echo", "node", "sleep", "fail").forEach(procedure -> a.ok("serve " + procedure));
        String json = "{\"list\":[1,2.5,\"ü\",null,{}],\"deep\":{\"a\":true}}";
        assertThat(b.ok("rpc " + a.name() + " echo " + json + " 30000")
                        .field("result")
                        .toString())
                .isEqualTo(json);
        assertThat(b.ok("rpc " + a.name() + " node null").text("result")).isEqualTo(a.name());
        assertThat(a.ok("rpc " + a.name() + " node null").text("result")).isEqualTo(a.name());
        b.ok("rpc " + a.name() + " sleep 20 30000");
        assertThat(b.run("rpc " + a.name() + " fail \"on purpose\"")
                        .refused("remote_failure")
                        .text("message"))
                .contains("on purpose");
        b.run("rpc " + c.name() + " echo 1").refused("no_such_procedure");
        b.run("rpc " + a.name() + " dance 1").refused("no_such_procedure");
        b.run("rpc nobody@127.0.0.1 echo 1").refused("unreachable");
        assertThat(a.run("serve dance").ok()).isFalse();
    }

    @Test
    void aCallThatTakesTooLongIsAnsweredInItsTime() {
        a.ok("serve sleep");
        long begun = System.nanoTime();
        b.run("rpc " + a.name() + " sleep 60000 300").refused("timeout");
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isBetween(Duration.ofMillis(250), Duration.ofSeconds(30));
        assertThat(b.ok("ping " + a.name()).ok()).isTrue();
    }

    @Test
    void oneNodeLeadsAndTheNextFollows() {
        int atA = a.mark();
        int atB = b.mark();
        assertThat(c.ok("leader " + word).text("leader")).isEqualTo("null");
        a.ok("campaign " + word);
        String term = a.await(
                        atA, Happening.of("leading").with("election", word).having("term"), SOON)
                .text("term");
        Clusters.eventually(SOON, () -> {
            assertThat(Clusters.agreed(nodes, "leader " + word, "leader")).isEqualTo(a.name());
            assertThat(Clusters.agreed(nodes, "leader " + word, "term")).isEqualTo(term);
        });
        assertThat(a.ok("leader " + word).flag("leading")).isTrue();
        assertThat(b.ok("leader " + word).flag("leading")).isFalse();
        b.ok("campaign " + word);
        a.ok("resign " + word);
        a.await(atA, Happening.of("lost").with("election", word).with("term", term), SOON);
        String next = b.await(
                        atB, Happening.of("leading").with("election", word).having("term"), SOON)
                .text("term");
        assertThat(next).isNotEqualTo(term);
        Clusters.eventually(
                SOON,
                () -> assertThat(Clusters.agreed(nodes, "leader " + word, "leader"))
                        .isEqualTo(b.name()));
        assertThat(b.ok("leader " + word).flag("leading")).isTrue();
        b.ok("resign " + word);
        Clusters.eventually(
                SOON,
                () -> assertThat(Clusters.agreed(nodes, "leader " + word, "leader"))
                        .isEqualTo("null"));
    }

    @Test
    void theMetadataOfANodeReachAllNodes() {
        a.ok("put " + word + " version 2");
        assertThat(a.ok("get " + word).text("value")).isEqualTo("version 2");
        assertThat(b.ok("get " + word).text("value")).isEqualTo("null");
        Clusters.eventually(SOON, () -> {
            for (NodeShell node : nodes) {
                assertThat(node.ok("metadata " + a.name())
                                .field("entries")
                                .path(word)
                                .asString(""))
                        .isEqualTo("version 2");
            }
        });
        assertThat(c.ok("metadata " + b.name()).field("entries").has(word)).isFalse();
        assertThat(c.run("metadata nobody@127.0.0.1").ok()).isFalse();
    }

    @Test
    void messagesAfterTheAnswerToASubscriptionArriveInOrder() {
        int atA = a.mark();
        int atB = b.mark();
        int atC = c.mark();
        b.ok("subscribe " + word);
        a.ok("publish " + word + " first");
        c.ok("subscribe " + word);
        a.ok("subscribe " + word);
        for (int i = 0; i < 50; i++) {
            a.ok("publish " + word + " text " + i);
        }
        Happening last = Happening.of("message").with("topic", word).with("text", "text 49");
        b.await(atB, last, SOON);
        c.await(atC, last, SOON);
        a.await(atA, last, SOON);
        Happening message = Happening.of("message").with("topic", word).with("from", a.name());
        List<String> texts = IntStream.range(0, 50).mapToObj(i -> "text " + i).toList();
        assertThat(c.since(atC, message))
                .extracting(event -> event.text("text"))
                .isEqualTo(texts);
        assertThat(a.since(atA, message))
                .extracting(event -> event.text("text"))
                .isEqualTo(texts);
        assertThat(b.since(atB, message))
                .extracting(event -> event.text("text"))
                .hasSize(51)
                .startsWith("first", "text 0");
    }

    @Test
    void keysThatAreTrackedArePresentOnAllNodes() {
        a.ok("track " + word + " zoe");
        b.ok("track " + word + " ann");
        b.ok("track " + word + " ann");
        c.ok("track " + word + " ann");
        Clusters.eventually(
                SOON,
                () -> nodes.forEach(node ->
                        assertThat(node.ok("present " + word).texts("keys")).containsExactly("ann", "zoe")));
        b.ok("untrack " + word + " ann");
        a.ok("untrack " + word + " zoe");
        a.ok("untrack " + word + " nobody");
        Clusters.eventually(
                SOON,
                () -> nodes.forEach(node ->
                        assertThat(node.ok("present " + word).texts("keys")).containsExactly("ann")));
        c.ok("untrack " + word + " ann");
        Clusters.eventually(
                SOON,
                () -> nodes.forEach(node ->
                        assertThat(node.ok("present " + word).texts("keys")).isEmpty()));
    }

    @Test
    void countersAreNumbers() {
        assertThat(a.ok("stats").field("stats").valueStream()).isNotEmpty().allMatch(value -> value.isNumber());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dance",
                "",
                "self now",
                "ping",
                "connect nowhere",
                "send n",
                "call n",
                "rpc a b {",
                "stop n hard"
            })
    void anInvalidCommandIsAnsweredWithBadCommand(String line) {
        a.run(line).refused("bad_command");
    }

    @Test
    void aNodeConnectsLeavesAndComesBack() {
        NodeShell d = shells.start(NodeSpec.local("d"));
        try {
            assertThat(Clusters.alive(d)).containsExactly(d.name());
            assertThat(d.ok("health").text("status")).isEqualTo("isolated");
            String incarnation = Long.toString(d.ok("self").number("incarnation"));
            List<NodeShell> four = List.of(a, b, c, d);
            Map<NodeShell, Integer> marks = Clusters.marks(nodes);
            Happening up = Happening.of("up").with("node", d.name()).with("incarnation", incarnation);
            Happening left = Happening.of("left").with("node", d.name()).with("incarnation", incarnation);

            d.ok("connect " + b.address());
            assertThat(Clusters.alive(d)).contains(b.name());
            Clusters.awaitAlive(four, SOON);
            nodes.forEach(node -> node.await(marks.get(node), up, SOON));

            d.ok("disconnect");
            nodes.forEach(node -> node.await(marks.get(node), left, SOON));
            assertThat(Clusters.alive(d)).containsExactly(d.name());
            d.run("ping " + a.name()).refused("unreachable");
            a.run("ping " + d.name()).refused("unreachable");

            d.ok("connect " + a.address());
            Clusters.awaitAlive(four, SOON);
            assertThat(d.ok("self").number("incarnation")).isEqualTo(Long.parseLong(incarnation));
        } finally {
            d.ok("quit"); // a dead one would be missed by the others for an hour
            Clusters.awaitAlive(nodes, SOON);
        }
    }

    @Test
    @Tag("long")
    void connectingToAClosedPortOrToAnotherClusterFails() {
        NodeShell stranger = shells.start(NodeSpec.local("s").cookie("another-Cookie-0123456789"));
        a.run("connect 127.0.0.1:" + FreePort.find()).refused("unreachable");
        a.run("connect " + stranger.address()).refused("refused");
        stranger.run("connect " + a.address()).refused("refused");
        assertThat(Clusters.alive(stranger)).containsExactly(stranger.name());
        assertThat(Clusters.alive(a)).isEqualTo(Clusters.names(nodes));
        stranger.kill();
    }
}
