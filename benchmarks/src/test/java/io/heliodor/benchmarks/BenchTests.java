package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTests {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        CommandLine line = Bench.commandLine();
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fanout --speed 3                            | --speed
        echo --topics 0                             | --topics
        echo --payload 1048577                      | --payload
        idle --seconds soon                         | --seconds
        slow --rate -1                              | --rate
        fanout --window 65537                       | --window
        fanout --json                               | --json
        fanout --server-pid 1 --serve x             | --server-pid
        fanout --url nowhere                        | --url
        echo --url http://127.0.0.1:1,nowhere       | --url
        fanout --heartbeat 0 --serve x              | --heartbeat
        slow --stalled 40                           | --stalled
        idle --connections 2000000000 --serve x     | --connections
        presence --parts song                       | --parts
        presence --present 0                        | --present
        presence --connections 2000000000 --serve x | --connections
        cluster --nodes 1                           | --nodes
        cluster --size 15                           | --size
        cluster --parts song                        | --parts
        cluster --security none                     | --security
        cluster --pairs 0                           | --pairs
        cluster --serve x                           | --serve
        sing                                        | sing
        events --rows song                          | --rows
        events --pairs 0                            | --pairs
        fanout --event song                         | --event
        fanout --senders 0                          | --senders
        small --pairs 0                             | --pairs
        small --connections 5                       | --connections
        growth --parts song                         | --parts
        growth --topics 150                         | --topics
        growth --topics 100100                      | --topics
        growth --history 50                         | --history
        growth --nodes 17                           | --nodes
        growth --members 0                          | --members
        churn --members 1                           | --members
        churn --connections 5 --members 6           | --members
        churn --churn 0                             | --churn
        churn --connections 2000000000              | --connections
        churn --serve x                             | --serve
        processors --servers 0x1                    | --servers
        processors --servers 2                      | --servers
        processors --servers 999x1                  | --servers
        processors --loads song                     | --loads
        ''                                          | fanout, echo, events, small, idle, slow, presence, growth, churn, processors, cluster or across
        """)
    void wrongOptionsAreOneLineThatNamesThem(String arguments, String named) {
        int status = execute(arguments.isEmpty() ? new String[0] : arguments.split(" +", -1));
        assertThat(status).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().contains(named);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fanout", "echo", "idle", "slow", "presence", "small", "growth"})
    void everySubcommandHasAHelpText(String subcommand) {
        assertThat(execute(subcommand, "--help")).isZero();
        assertThat(out.toString()).contains("Usage: heliodor bench " + subcommand, "--json", "--serve", "--url");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        fanout --prot 1    | Unknown option: '--prot'; fanout takes --compare, --connections, --event,
        fanout --topcs 1   | Unknown option: '--topcs'; did you mean --topics? (see --help)
        ech                | Unknown command: 'ech'; did you mean echo? (see --help)
        sing               | Unknown command: 'sing'; heliodor bench takes across, churn, cluster, echo,
        --prot 1           | Unknown option: '--prot'; heliodor bench takes across, churn, cluster, echo,
        """)
    void aWrongWordIsAnsweredWithTheRightOnes(String arguments, String answer) {
        assertThat(execute(arguments.split(" +", -1))).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).startsWith(answer).hasLineCount(1);
    }

    @Test
    void theHelpOfTheClusterHasNoOptionForAServer() {
        assertThat(execute("cluster", "--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: heliodor bench cluster", "--json", "--nodes", "--size", "--security")
                .doesNotContain("--serve");
    }

    @Test
    void theHelpOfTheEventsNamesTheirRows() {
        assertThat(execute("events", "--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: heliodor bench events", "--json", "--rows", "WHISPER_FOUR", "TELL_NEXT")
                .doesNotContain("--serve ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"growth", "churn", "processors"})
    void theJvmOfAServerOfTheBenchmarksHasOptions(String subcommand) {
        assertThat(execute(subcommand, "--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: heliodor bench " + subcommand, "--json", "--jvm", "--libraries", "--server-flags");
    }

    @Test
    void theCommandNamesItsSubcommands() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString()).contains("fanout", "echo", "events", "idle", "slow", "presence", "cluster");
    }

    @Test
    void aServerThatDoesNotStartIsOneLineAndStatusOne() {
        assertThat(execute("fanout", "--serve", "sh -c 'exit 3'")).isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().contains("exit 3", "status 3");
    }

    @Test
    void jsonOnStandardOutputStandsAlone() throws IOException {
        try (FakeServer server = new FakeServer(new FakeServer.Mistakes() {})) {
            Target target = server.target();
            int status = execute(
                    "echo",
                    "--url",
                    "http://127.0.0.1:" + target.port(),
                    "--connections",
                    "2",
                    "--seconds",
                    "0.1",
                    "--warmup",
                    "0",
                    "--json",
                    "-");
            assertThat(status).as("%s", err).isZero();
        }
        JsonNode json = new JsonMapper().readTree(out.toString());
        assertThat(json.at("/scenario").asString()).isEqualTo("echo");
        assertThat(json.at("/settings/window").asInt()).isEqualTo(1);
        assertThat(json.at("/server").isNull()).isTrue();
        assertThat(err.toString()).contains("replies", "not known");
    }

    @Test
    void smallLoadsAreComparedByPairs() throws IOException {
        try (FakeServer server = new FakeServer(new FakeServer.Mistakes() {})) {
            int status = execute(
                    "small",
                    "--url",
                    "http://127.0.0.1:" + server.target().port(),
                    "--server-pid",
                    Long.toString(ProcessHandle.current().pid()),
                    "--seconds",
                    "0.3",
                    "--warmup",
                    "0",
                    "--pairs",
                    "1");
            assertThat(status).as("%s", err).isZero();
        }
        assertThat(out.toString().lines().toList())
                .hasSize(5)
                .anySatisfy(line -> assertThat(line).startsWith("1 topic of 10"))
                .anySatisfy(line -> assertThat(line).startsWith("echo of 10 clients"))
                .filteredOn(line -> line.contains("us of CPU each"))
                .hasSize(2);
    }

    @Test
    void jsonInAFileLeavesTheTableOnStandardOutput(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("result.json");
        try (FakeServer server = new FakeServer(new FakeServer.Mistakes() {})) {
            Target target = server.target();
            int status = execute(
                    "idle",
                    "--url",
                    "http://127.0.0.1:" + target.port(),
                    "--connections",
                    "2",
                    "--seconds",
                    "0.1",
                    "--json",
                    file.toString());
            assertThat(status).as("%s", err).isZero();
        }
        assertThat(out.toString()).startsWith("idle  ");
        assertThat(new JsonMapper()
                        .readTree(Files.readString(file))
                        .at("/joins/joined")
                        .asInt())
                .isEqualTo(2);
    }
}
