package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rule of docs/architecture.md for the length of files: a file has one idea. */
class FileLengthTests {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);
    private static final int MAX_LINES = 400;

    @Test
    void noFileHasMoreLinesOfCodeThanItMay() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(PROJECT)) {
            files = all.filter(FileLengthTests::isMainCode).toList();
        }
        assertThat(files).hasSizeGreaterThan(1_000);
        for (Path file : files) {
            assertThat(linesOfCode(Files.readString(file)))
                    .as("lines of code of " + PROJECT.relativize(file) + ", without comments and blank lines")
                    .isLessThanOrEqualTo(MAX_LINES);
        }
    }

    /** Sources in the folder of a module: what was built there has sources of another commit. */
    private static boolean isMainCode(Path file) {
        return PROJECT.relativize(file).toString().matches("([a-z-]+|examples/[a-z-]+)/src/main/java/.*\\.java");
    }

    private static int linesOfCode(String source) {
        return Math.toIntExact(COMMENT.matcher(source)
                .replaceAll("")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("//"))
                .count());
    }

    @Test
    void commentsAndBlankLinesDoNotCount() {
        assertThat(linesOfCode("/** One.\n * Two. */\nclass A {\n\n    // Three.\n    int b; // four\n}\n"))
                .isEqualTo(3);
    }
}
