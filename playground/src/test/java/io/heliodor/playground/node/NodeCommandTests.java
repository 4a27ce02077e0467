package io.heliodor.playground.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The start of a node, and the end of its process. */
@Timeout(120)
class NodeCommandTests {
    private final Map<String, String> environment = new HashMap<>(Map.of("HELIODOR_COOKIE", "of-the-environment"));
    private final List<FakeNode> started = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();

    private int run(String input, String... arguments) {
        return run(
                (options, events) -> {
                    FakeNode node = new FakeNode(options, events);
                    started.add(node);
                    return Result.ok(node);
                },
                input,
                arguments);
    }

    private int run(ShellNode.Start start, String input, String... arguments) {
        NodeCommand command = new NodeCommand(
                start, environment, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out);
        return new CommandLine(command)
                .setErr(new PrintWriter(err, true))
                .setParameterExceptionHandler((failure, given) -> {
                    failure.getCommandLine().getErr().println(failure.getMessage());
                    return CommandLine.ExitCode.USAGE;
                })
                .execute(arguments);
    }

    private NodeOptions options() {
        return started.getFirst().options;
    }

    @Test
    void theEndOfInputLeavesAndIsNotAFailure() {
        assertThat(run("self\n", "--name", "a@h:7", "--json")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                        {"event":"started","node":"a@h","port":7}
                        {"ok":true,"node":"a@h","incarnation":9223372036854775807}
                        {"event":"left","node":"a@h","incarnation":1}
                        """);
        assertThat(started.getFirst().closed.getCount()).isZero();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void withoutJsonTheOutputIsPlainText() {
        assertThat(run("quit\n", "--name", "a@h:0")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                        * started node: a@h, port: 49152
                        * left node: a@h, incarnation: 1
                        ok
                        """);
    }

    @Test
    void optionsReachTheNode() {
        assertThat(run(
                        "",
                        "--name",
                        "a@h",
                        "--cluster",
                        "blue",
                        "--bind",
                        "0.0.0.0",
                        "--advertise",
                        "10.0.0.5:7200",
                        "--seeds",
                        "b:1, [::1]:2",
                        "--voters",
                        "a@h, b@h",
                        "--data",
                        "log"))
                .isZero();
        assertThat(options())
                .isEqualTo(new NodeOptions(
                        "a@h",
                        new Address("0.0.0.0", 7100),
                        Optional.of(new Address("10.0.0.5", 7200)),
                        "of-the-environment",
                        Optional.of("blue"),
                        List.of(new Address("b", 1), new Address("[::1]", 2)),
                        List.of("a@h", "b@h"),
                        Optional.of(Path.of("log"))));
    }

    @Test
    void aNodeThatDoesNotVoteNeedsNoDirectory() {
        assertThat(run("", "--name", "d@h", "--voters", "a@h,b@h,c@h")).isZero();
        assertThat(options().voters()).containsExactly("a@h", "b@h", "c@h");
        assertThat(options().data()).isEmpty();
    }

    @Test
    void anAddressOfAPodNeedsNoBrackets() {
        assertThat(run("", "--name", "a@h", "--bind", "::", "--advertise", "fd00::5"))
                .isZero();
        assertThat(options().bind()).isEqualTo(new Address("[::]", 7100));
        assertThat(options().advertised()).contains(new Address("[fd00::5]", 0));
    }

    @Test
    void theCookieOfAnOptionPrecedesThatOfTheEnvironment(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("cookie"), "of-a-file\n");
        run("", "--name", "a@h", "--cookie-file", file.toString());
        run("", "--name", "a@h", "--cookie", "of-an-option");
        assertThat(started).extracting(node -> node.options.cookie()).containsExactly("of-a-file", "of-an-option");
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of("bad_name", List.of("--name", "nobody")),
                Arguments.of("bad_name", List.of("--name", "a@h:99999")),
                Arguments.of("bad_cookie", List.of("--name", "a@h", "--cookie-file", "/nowhere/at/all")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aRefusedStartIsOneLineThatBeginsWithItsCode(String code, List<String> arguments) {
        assertThat(run("self\n", arguments.toArray(String[]::new))).isEqualTo(1);
        assertThat(err.toString()).startsWith(code + ": ").hasLineCount(1);
        assertThat(out.size()).isZero();
        assertThat(started).isEmpty();
    }

    @Test
    void withoutACookieNoNodeStarts() {
        environment.clear();
        assertThat(run("", "--name", "a@h")).isEqualTo(1);
        assertThat(err.toString()).startsWith("bad_cookie: ").hasLineCount(1);
    }

    @Test
    void logLinesBeforeARefusalAreNotPrinted() {
        ByteArrayOutputStream real = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(real, true, StandardCharsets.UTF_8));
        try {
            ShellNode.Start refused = (options, events) -> {
                System.err.println("a warning");
                return Result.failed(ErrorCode.REFUSED, "b:1 does not know\nthe cookie");
            };
            assertThat(run(refused, "", "--name", "a@h", "--json")).isEqualTo(1);
            ShellNode.Start accepted = (options, events) -> {
                System.err.println("another warning");
                return Result.ok(new FakeNode(options, events));
            };
            assertThat(run(accepted, "", "--name", "a@h", "--json")).isZero();
        } finally {
            System.setErr(before);
        }
        assertThat(err.toString()).isEqualTo("refused: b:1 does not know the cookie" + System.lineSeparator());
        assertThat(real.toString(StandardCharsets.UTF_8)).isEqualTo("another warning" + System.lineSeparator());
    }

    static Stream<Arguments> badOptions() {
        return Stream.of(
                Arguments.of("--name", List.of("--json")),
                Arguments.of("--colour", List.of("--name", "a@h", "--colour")),
                Arguments.of("--seeds", List.of("--name", "a@h", "--seeds", "b")),
                Arguments.of("--seeds", List.of("--name", "a@h", "--seeds", "b:1,")),
                Arguments.of("--seeds", List.of("--name", "a@h", "--seeds", "b:0")),
                Arguments.of("--voters", List.of("--name", "a@h", "--voters", "a@h")),
                Arguments.of("--cookie-file", List.of("--name", "a@h", "--cookie", "x", "--cookie-file", "y")));
    }

    @ParameterizedTest
    @MethodSource("badOptions")
    void aBadOptionIsOneLineThatNamesIt(String option, List<String> arguments) {
        assertThat(run("", arguments.toArray(String[]::new))).isEqualTo(2);
        assertThat(err.toString()).contains("'" + option).hasLineCount(1);
        assertThat(started).isEmpty();
    }
}
