package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes start, find each other, are refused, and leave. */
@WithNodes
class ClusterFormsIT {
    @AutoClose
    private final NodeShells shells = new NodeShells();

    @Test
    void nodesThatStartAtOnceFormOneCluster() {
        List<NodeShell> nodes = shells.startTogether("a", "b", "c");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        for (NodeShell node : nodes) {
            Event started = node.since(0).getFirst();
            assertThat(started.name()).isEqualTo("started");
            assertThat(started.text("node")).isEqualTo(node.name());
            assertThat(node.port()).isEqualTo(node.spec().port());
        }
        Clusters.allKeptToTheContract(nodes);
    }

    @Test
    @Tag("long")
    void aNodeWithoutAGivenPortReportsItsPort() {
        NodeShell first = shells.start(NodeSpec.local("a"));
        assertThat(first.port()).isBetween(1, 65_535);
        NodeShell second = shells.start(NodeSpec.local("b").seeds(first.address()));
        Clusters.awaitAlive(List.of(first, second), Clusters.FORMED);
    }

    @Test
    @Tag("long")
    void theSeedsNeedNotBeUp() {
        int later = FreePort.find();
        NodeShell first = shells.start(NodeSpec.local("a").seeds("127.0.0.1:" + later));
        assertThat(Clusters.alive(first)).containsExactly(first.name());
        NodeShell second = shells.start(NodeSpec.local("b").on(later).seeds(first.address()));
        Clusters.awaitAlive(List.of(first, second), Clusters.FORMED);
    }

    @Test
    @Tag("long")
    void aNodeThatJoinsIsReportedOnce() {
        NodeShell first = shells.start(NodeSpec.local("a"));
        int mark = first.mark();
        NodeShell second = shells.start(NodeSpec.local("b").seeds(first.address()));
        Clusters.awaitAlive(List.of(first, second), Clusters.FORMED);
        String incarnation = Long.toString(second.ok("self").number("incarnation"));
        Happening up = Happening.of("up").with("node", second.name()).with("incarnation", incarnation);
        first.await(mark, up, Clusters.GONE);
        assertThat(first.since(mark, up)).hasSize(1);
    }

    @Test
    @Tag("long")
    void aNodeWithAWrongCookieIsRefusedAndTheRefusalIsLogged() {
        List<NodeShell> nodes = shells.startTogether("a", "b", "c");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        var marks = Clusters.marks(nodes);
        NodeSpec stranger = NodeSpec.local("d")
                .cookie("another-Cookie-0123456789")
                .seeds(nodes.stream().map(NodeShell::address).toArray(String[]::new));

        shells.refused(stranger, "refused");

        Clusters.eventually(
                Clusters.GONE,
                () -> assertThat(nodes).anyMatch(node -> !node.log().isBlank(), "logged the refusal"));
        for (NodeShell node : nodes) {
            assertThat(node.log()).doesNotContain(NodeSpec.COOKIE, stranger.cookie());
            assertThat(node.since(marks.get(node))).isEmpty();
            assertThat(node.ok("members").statuses()).doesNotContainKey(stranger.name());
        }
    }

    @Test
    @Tag("long")
    void aNodeOfAnotherClusterIsRefused() {
        NodeShell first = shells.start(NodeSpec.local("a"));
        shells.refused(NodeSpec.local("b").seeds(first.address()).options("--cluster", "blue"), "refused");
        assertThat(Clusters.alive(first)).containsExactly(first.name());
    }

    @Test
    @Tag("long")
    void oneSeedThatAcceptsIsEnough() {
        NodeShell foreign = shells.start(NodeSpec.local("f").cookie("another-Cookie-0123456789"));
        NodeShell own = shells.start(NodeSpec.local("a"));
        NodeShell node = shells.start(NodeSpec.local("b").seeds(foreign.address(), own.address()));
        Clusters.awaitAlive(List.of(own, node), Clusters.FORMED);
        assertThat(Clusters.alive(foreign)).containsExactly(foreign.name());
    }

    @Test
    void aNameIsTakenUntilItsNodeEnds() {
        NodeShell first = shells.start(NodeSpec.local("a"));
        shells.refused(NodeSpec.local("a").seeds(first.address()), "name_taken");
        assertThat(Clusters.alive(first)).containsExactly(first.name());
    }

    @Test
    @Tag("long")
    void aPortIsInUseUntilItsNodeEnds() {
        NodeShell first = shells.start(NodeSpec.local("a"));
        shells.refused(NodeSpec.local("b").on(first.port()), "port_in_use");
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"a b"})
    void aBadNameIsRefused(String app) {
        shells.refused(NodeSpec.local(app), "bad_name");
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"", "abababababababababababab"})
    void aBadCookieIsRefused(String cookie) {
        shells.refused(NodeSpec.local("a").cookie(cookie), "bad_cookie");
    }

    @Test
    @Tag("long")
    void theCookieMayComeFromAFileOrTheCommandLine(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("cookie"), NodeSpec.COOKIE + "\n");
        NodeShell first = shells.start(NodeSpec.local("a"));
        NodeSpec misled =
                NodeSpec.local("b").cookie("another-Cookie-0123456789").seeds(first.address());
        NodeShell byFile = shells.start(misled.options("--cookie-file", file.toString()));
        NodeShell byOption = shells.start(NodeSpec.local("c")
                .cookie(misled.cookie())
                .seeds(first.address())
                .options("--cookie", NodeSpec.COOKIE));
        Clusters.awaitAlive(List.of(first, byFile, byOption), Clusters.FORMED);
    }

    @Test
    void badOptionsAreStatusTwo() {
        NodeShell shell = shells.begin(NodeSpec.local("a").options("--colour", "blue"));
        assertThat(shell.status(NodeShells.START)).isEqualTo(2);
        assertThat(shell.log()).contains("--colour").hasLineCount(1);
        assertThat(shell.since(0)).isEmpty();
    }

    @Test
    @Tag("long")
    void theEndOfInputQuitAndSigtermLeave() throws Exception {
        List<NodeShell> nodes = shells.startTogether("a", "b", "c", "d");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        NodeShell stays = nodes.getFirst();
        for (NodeShell leaver : nodes.subList(1, 4)) {
            String incarnation = Long.toString(leaver.ok("self").number("incarnation"));
            int mark = stays.mark();
            switch (leaver.spec().app()) {
                case "b" -> leaver.endInput();
                case "c" -> leaver.ok("quit");
                default -> leaver.terminate();
            }
            Happening left = Happening.of("left").with("node", leaver.name()).with("incarnation", incarnation);
            stays.await(mark, left, Duration.ofSeconds(10));
            assertThat(leaver.status(Duration.ofSeconds(20))).as(leaver.name()).isZero();
            assertThat(stays.since(mark, Happening.of("down"))).isEmpty();
            assertThat(stays.ok("members").statuses()).containsEntry(leaver.name(), "left");
        }
        assertThat(stays.ok("health").flag("quorum")).isTrue();
    }

    @Test
    @Tag("long")
    void aNodeThatIsStartedAgainIsANewIncarnation() {
        List<NodeShell> nodes = shells.startTogether("a", "b");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        NodeShell stays = nodes.getFirst();
        NodeShell before = nodes.getLast();
        long incarnation = before.ok("self").number("incarnation");

        before.kill();
        NodeShell after = shells.start(before.spec());

        Clusters.awaitAlive(List.of(stays, after), Clusters.FORMED);
        long next = after.ok("self").number("incarnation");
        assertThat(next).isNotEqualTo(incarnation);
        assertThat(stays.ok("members").incarnations())
                .containsEntry(after.name(), next)
                .hasSize(2);
    }
}
