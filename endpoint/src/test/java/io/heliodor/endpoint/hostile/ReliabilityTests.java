package io.heliodor.endpoint.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/reliability.md has the rows of the tests, and no others. {@code -Dheliodor.write=docs} writes it anew. */
class ReliabilityTests {
    @Test
    void thePageHasTheRowsOfTheTests() throws IOException {
        String page = Files.readString(Reliability.PAGE);
        String expected = page;
        for (Map.Entry<String, List<Row>> section : Reliability.SECTIONS.entrySet()) {
            Matcher marks = Pattern.compile(
                            "(<!-- " + section.getKey() + " -->\n)(.*?)(<!-- end -->\n)", Pattern.DOTALL)
                    .matcher(expected);
            assertThat(marks.find())
                    .as("the mark of %s in %s", section.getKey(), Reliability.PAGE)
                    .isTrue();
            expected = marks.replaceFirst(found -> Matcher.quoteReplacement(
                    found.group(1) + "\n" + Reliability.table(section.getValue()) + "\n" + found.group(3)));
        }
        if ("docs".equals(System.getProperty("heliodor.write"))) {
            Files.writeString(Reliability.PAGE, expected);
            return;
        }
        assertThat(page)
                .as("docs/reliability.md; the tests are right: write it anew with mvn test -pl endpoint -am "
                        + "-Dtest=ReliabilityTests -Dsurefire.failIfNoSpecifiedTests=false -Dheliodor.write=docs")
                .isEqualTo(expected);
    }

    @Test
    void theTestsThatRowsNameExist() {
        Reliability.SECTIONS.values().stream()
                .flatMap(List::stream)
                .filter(row -> !row.run())
                .forEach(Reliability::isShown);
    }
}
