package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The driver itself, with a program that is not a node. */
@Timeout(60)
class NodeShellsTests {
    private static final Duration SHORT = Duration.ofMillis(200);

    @AutoClose
    private final NodeShells shells = new NodeShells(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            FakeShell.class.getName()));

    private final NodeSpec spec = NodeSpec.local("a");

    @Test
    void answersComeInTheOrderOfTheCommands() {
        NodeShell shell = shells.start(spec);
        CompletableFuture<Answer> first = shell.begin("self");
        CompletableFuture<Answer> second = shell.begin("dance");
        assertThat(shell.answer("dance", second, NodeShell.ANSWER)
                        .refused("bad_command")
                        .text("message"))
                .isEqualTo("no 'dance'");
        assertThat(first.join().good().number("incarnation")).isEqualTo(5);
        assertThat(shell.address()).isEqualTo("127.0.0.1:4711");
        assertThat(shell.unexpected()).isEmpty();
    }

    @Test
    void theCookieComesByTheEnvironment() {
        assertThat(shells.start(spec.cookie("secret")).ok("cookie").text("is")).isEqualTo("secret");
    }

    @Test
    void eventsAreKeptAndAwaited() {
        NodeShell shell = shells.start(spec);
        int mark = shell.mark();
        shell.ok("tell");
        Happening up = Happening.of("up").with("incarnation", "7").having("node");
        assertThat(shell.await(mark, up, NodeShell.ANSWER).text("node")).isEqualTo("b@h");
        int later = shell.mark();
        assertThatThrownBy(() -> shell.await(later, up, SHORT))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no Happening[event=up")
                .hasMessageContaining("\"event\":\"started\"");
    }

    @Test
    void aMissingAnswerFailsWithTheLastOutput() {
        NodeShell shell = shells.start(spec);
        shell.ok("warn");
        await().untilAsserted(() -> assertThat(shell.log()).isEqualTo("a warning\n"));
        assertThatThrownBy(() -> shell.answer("hang", shell.begin("hang"), SHORT))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no answer to 'hang'")
                .hasMessageContaining("a warning");
    }

    @Test
    void linesOutsideTheContractAreRecorded() {
        NodeShell shell = shells.start(spec);
        shell.ok("babble");
        assertThat(shell.unexpected()).containsExactly("babble");
    }

    @Test
    void aProcessIsFrozenAndThawed() throws Exception {
        NodeShell shell = shells.start(spec);
        shell.freeze();
        await().untilAsserted(() -> assertThat(state(shell)).isEqualTo("T"));
        CompletableFuture<Answer> answer = shell.begin("self");
        shell.thaw();
        assertThat(shell.answer("self", answer, NodeShell.ANSWER).ok()).isTrue();
    }

    /** The letter of the process's state. */
    private static String state(NodeShell shell) throws Exception {
        String stat = Files.readString(Path.of("/proc", Long.toString(shell.pid()), "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    }

    @Test
    void theExitStatusIsReported() throws Exception {
        NodeShell quits = shells.start(spec);
        quits.ok("quit");
        assertThat(quits.status(NodeShell.ANSWER)).isZero();
        NodeShell read = shells.start(spec);
        read.endInput();
        assertThat(read.status(NodeShell.ANSWER)).isZero();
        NodeShell killed = shells.start(spec);
        CompletableFuture<Answer> pending = killed.begin("hang");
        killed.kill();
        assertThat(killed.status(NodeShell.ANSWER)).isEqualTo(128 + 9);
        assertThat(pending).isCompletedExceptionally();
        NodeShell ended = shells.start(spec);
        ended.terminate();
        assertThat(ended.status(NodeShell.ANSWER)).isEqualTo(128 + 15);
    }

    @Test
    void aRefusedStartIsReported() {
        shells.refused(NodeSpec.local("refused"), "name_taken");
        assertThatThrownBy(() -> shells.refused(NodeSpec.local("refused"), "bad_name"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void closingEndsFrozenProcessesToo() {
        NodeShell frozen = shells.start(spec);
        frozen.freeze();
        shells.close();
        assertThat(frozen.alive()).isFalse();
    }
}
