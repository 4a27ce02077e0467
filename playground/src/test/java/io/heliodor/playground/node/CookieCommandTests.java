package io.heliodor.playground.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CookieCommandTests {
    @Test
    void aCookieIsOneLineOfThirtyTwoLettersAndDigits() {
        StringWriter out = new StringWriter();
        CommandLine line = new CommandLine(new CookieCommand()).setOut(new PrintWriter(out));
        assertThat(line.execute()).isZero();
        assertThat(out.toString()).matches("[A-Za-z0-9]{32}\\R");
    }

    @Test
    void noCookieComesTwiceAndEachCharacterComes() {
        assertThat(Stream.generate(CookieCommand::fresh).limit(100)).doesNotHaveDuplicates();
        assertThat(Stream.generate(CookieCommand::fresh)
                        .limit(100)
                        .flatMap(cookie -> cookie.chars().mapToObj(c -> (char) c))
                        .collect(Collectors.toSet()))
                .hasSize(62);
    }
}
