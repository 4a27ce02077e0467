package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Counts words that main sources and documents no longer use. The number of each may only fall:
 * {@code retired-words.txt} holds it, a line each.
 */
class LanguageTests {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    private static final Map<String, Pattern> RETIRED = Map.of(
            "MOST_ as a limit", Pattern.compile("\\bMOST_[A-Z]"),
            "who or what as a subject",
                    Pattern.compile("(?:\\*|//|\\||\\.) +(?:Who|Whoever|What|Whatever|Where) [a-z]"),
            "whom", Pattern.compile("\\b[Ww]hom(?:ever)?\\b"),
            "nobody", Pattern.compile("\\b[Nn]obody\\b"),
            "is no", Pattern.compile("(?<!\\b[Tt]here )\\bis no (?!longer )[a-z]"),
            "machines that say", Pattern.compile("\\b(?:says|said|tells|told|hears|heard|speaks|spoken)\\b"),
            "who it is that", Pattern.compile("\\b(?:for|of|by|to|with) who\\b"),
            "beside", Pattern.compile("\\bbeside\\b"));

    @Test
    void retiredWordsOnlyBecomeFewer() throws IOException {
        Map<String, Integer> counted = new TreeMap<>();
        String text = text();
        RETIRED.forEach((name, pattern) -> counted.put(
                name, Math.toIntExact(pattern.matcher(text).results().count())));
        List<String> lines = new ArrayList<>();
        counted.forEach((name, count) -> lines.add(name + " = " + count));
        assertThat(lines)
                .as(
                        "more than before: use the words of the glossary; fewer: write the new number into retired-words.txt")
                .containsExactlyElementsOf(Files.readAllLines(Path.of("src/test/resources/retired-words.txt")));
    }

    private static String text() {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(PROJECT)) {
            files.filter(LanguageTests::counts).sorted().forEach(file -> {
                try {
                    all.append(Files.readString(file)).append('\n');
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toString();
    }

    private static boolean counts(Path file) {
        String name = PROJECT.relativize(file).toString();
        // The folder of a module: what was built there has sources of another commit.
        boolean source = name.matches("([a-z]+|examples/(planning-board|support-desk))/src/main/java/.*\\.(java|kt)");
        boolean document = name.matches("(docs/.*|[A-Z]+)\\.md");
        return source || document;
    }
}
