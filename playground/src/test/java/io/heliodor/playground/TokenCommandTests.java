package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.token.TokenOutcome;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class TokenCommandTests {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = Playground.commandLine();
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(args);
    }

    @Test
    void aTokenIsAloneOnItsLineAndCarriesTheUser() {
        assertThat(run("token", "--user", "ann")).isZero();
        assertThat(out.toString()).matches("[A-Za-z0-9_.-]+\\R");
        assertThat(Keys.tokens().verify(out.toString().strip()).valid()).contains("ann");
    }

    @Test
    void aTokenThatIsValidForNoTimeHasExpired() {
        assertThat(run("token", "--user", "ann", "--valid-for", "0")).isZero();
        assertThat(Keys.tokens().verify(out.toString().strip())).isInstanceOf(TokenOutcome.Expired.class);
    }

    @Test
    void aTokenOfAnotherKeyIsInvalid() {
        run("token", "--user", "ann");
        assertThat(Keys.tokens("another secret of the tests, 32 bytes or more")
                        .verify(out.toString().strip()))
                .isInstanceOf(TokenOutcome.Invalid.class);
    }

    @ParameterizedTest
    @CsvSource({
        "token --user ann --valid-for -1, --valid-for",
        "token --user ann --valid-for soon, --valid-for",
        "token --user ann --valid-for 999999999999, --valid-for",
        "token, --user",
        "token --user ann --colour blue, --colour"
    })
    void aWrongOptionIsReportedInOneLine(String line, String option) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains(option).hasLineCount(1);
        assertThat(out.toString()).isEmpty();
    }
}
