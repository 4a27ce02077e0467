package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The values of log lines stand in their text. Many patterns, such as the default one of Spring Boot, leave out key and value
 * pairs, and "A node is a member." without the node is of no use.
 */
class LogTextTests {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final String PAIR = ".addKeyValue(";
    private static final String LOG = ".log(";

    /** The id of a connection belongs to the logging context; parameters are logged at debug, and many. */
    private static final Set<String> ONLY_PAIRS = Set.of("LogContext.KEY", "\"params\"");

    @Test
    void theValueOfEachPairIsAnArgumentOfTheText() {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            List<String> missing = files.filter(LogTextTests::isMainSource)
                    // It adds each field to both; AuditTests compares the text.
                    .filter(file -> !file.endsWith("AuditLog.java"))
                    .sorted()
                    .flatMap(file -> missing(file, read(file)).stream())
                    .toList();
            assertThat(missing)
                    .as("pairs of log lines whose value is not in the text")
                    .isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aPairWithoutItsValueInTheTextIsFound() {
        Path file = PROJECT.resolve("A.java");
        assertThat(missing(file, "LOG.atInfo().addKeyValue(\"peer\", peer.node()).log(\"A node is a member.\");"))
                .containsExactly("A.java: (\"peer\", peer.node())");
        assertThat(missing(file, "return LOG.atInfo().addKeyValue(\"node\", name);"))
                .containsExactly("A.java: (\"node\", name)");
        assertThat(missing(file, "LOG.atInfo().addKeyValue(\"peer\", of(a, b))\n.log(\"{} is {}.\", of(a,\n b), c);"))
                .isEmpty();
    }

    /** Text of a client or a user has one escaped form in logs and exceptions, that of {@code ControlCharacters}. */
    @Test
    void onlyOneClassEscapesControlCharacters() {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            assertThat(files.filter(LogTextTests::isMainSource)
                            .filter(file -> !file.endsWith("ControlCharacters.java"))
                            .filter(file ->
                                    read(file).contains("\\\\p{C") || read(file).contains("\\\\u%04x")))
                    .as("sources that escape or replace control characters themselves")
                    .isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isMainSource(Path file) {
        String name = PROJECT.relativize(file).toString();
        return name.matches("([a-z]+|examples/(planning-board|support-desk))/src/main/java/.*\\.java");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> missing(Path file, String source) {
        List<String> missing = new ArrayList<>();
        for (int at = source.indexOf(PAIR); at >= 0; at = source.indexOf(PAIR, at + 1)) {
            List<String> pair = arguments(source, at + PAIR.length());
            String statement = source.substring(at, endOfStatement(source, at));
            int log = statement.indexOf(LOG);
            List<String> arguments = log < 0 ? List.of() : arguments(statement, log + LOG.length());
            if (!ONLY_PAIRS.contains(pair.getFirst()) && !arguments.contains(pair.getLast())) {
                missing.add(PROJECT.relativize(file) + ": (" + String.join(", ", pair) + ")");
            }
        }
        return missing;
    }

    /** The index of the next semicolon that is not in a text. */
    private static int endOfStatement(String source, int begin) {
        boolean quoted = false;
        for (int i = begin; ; i++) {
            char c = source.charAt(i);
            quoted ^= c == '"' && source.charAt(i - 1) != '\\';
            if (c == ';' && !quoted) {
                return i;
            }
        }
    }

    /** The arguments of a call, with single spaces, from the character after its parenthesis. */
    private static List<String> arguments(String source, int begin) {
        List<String> arguments = new ArrayList<>();
        StringBuilder argument = new StringBuilder();
        boolean quoted = false;
        int depth = 0;
        for (int i = begin; depth >= 0; i++) {
            char c = source.charAt(i);
            quoted ^= c == '"' && source.charAt(i - 1) != '\\';
            if (!quoted) {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            }
            if (depth < 0 || (c == ',' && depth == 0 && !quoted)) {
                arguments.add(argument.toString().strip().replaceAll("\\s+", " "));
                argument.setLength(0);
            } else {
                argument.append(c);
            }
        }
        return arguments;
    }
}
