package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A command line that is misspelt is answered by one line that helps. */
class ComplaintTests {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "serve --prot 1 | Unknown options: '--prot', '1' (see --help)",
                "serve --log-lvel debug | Unknown options: '--log-lvel', 'debug'; did you mean --log-level? (see --help)",
                "serve --port abc | Invalid value for option '--port': 'abc' is not a whole number (see --help)",
                "serve --port | Missing required parameter for option '--port' (<port>) (see --help)",
                "demo --nodes 10 | Invalid value for option '--nodes': 10 is not 1 to 9 (see --help)",
                "demo --nodes 3 --node a@h | Option '--node' does not go with '--nodes', which starts a cluster of its own on this machine (see --help)",
                "token | Missing required option: '--user=<user>' (see --help)",
                "serv | Unmatched argument at index 0: 'serv'; did you mean serve? (see --help)"
            })
    void itSaysWhatMayHaveBeenMeant(String line, String complaint) {
        StringWriter err = new StringWriter();
        int status = Playground.commandLine().setErr(new PrintWriter(err, true)).execute(line.split(" ", -1));
        assertThat(err.toString().strip()).isEqualTo(complaint);
        assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    }
}
