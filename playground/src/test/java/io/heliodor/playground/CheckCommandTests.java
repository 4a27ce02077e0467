package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code check} reports the errors of options as the commands themselves, and starts nothing. */
class CheckCommandTests {
    private final StringWriter err = new StringWriter();

    private int check(String command) {
        CommandLine line = Playground.commandLine().setErr(new PrintWriter(err, true));
        return line.execute(("check " + command).split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "serve --prot 1, 2, --port",
        "serve --port 99999, 2, 99999",
        "serve --transport tcp, 2, tcp",
        "serve --tls-cert /no --tls-key /no, 2, --tls-cert",
        "serve --node a --cookie abcdefghijklmnop, 1, bad_name",
        "demo --nodes 12, 2, 12",
        "demo --nodes 2 --cookie x, 2, --cookie",
        "demo --keep-alive 0, 2, --keep-alive",
        "new chatt, 2, chatt",
        "new chat --name Chat, 2, --name"
    })
    void anErrorIsOneLine(String command, int status, String named) {
        assertThat(check(command)).isEqualTo(status);
        assertThat(err.toString().lines()).singleElement().asString().contains(named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve",
                "demo",
                "serve --port 0 --compress",
                "demo --nodes 3 --port 5000",
                "new board --spring a-board"
            })
    void nothingIsReportedOfValidOptions(String command) {
        assertThat(check(command)).isZero();
        assertThat(err.toString()).isEmpty();
    }
}
