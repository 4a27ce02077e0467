package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The rows of the threat model name tests that exist. */
class ThreatModelTests {
    private static final Set<String> BUILT = Set.of("target", "node_modules", ".git", ".build");

    private static List<String> rows() {
        return Documents.prose(Documents.ROOT.resolve("docs/threat-model.md")).stream()
                .filter(line -> line.matches("\\| [STRIDE, ]+ \\|.*"))
                .toList();
    }

    private static String lastCell(String row) {
        return row.substring(row.lastIndexOf(" | "));
    }

    private static List<String> tests(String row) {
        return Pattern.compile("`([^`]+)`")
                .matcher(lastCell(row))
                .results()
                .map(name -> name.group(1))
                .toList();
    }

    @Test
    void eachThreatHasATest() {
        assertThat(rows())
                .hasSizeGreaterThan(50)
                .allSatisfy(row -> assertThat(tests(row)).as(row).isNotEmpty());
    }

    @Test
    void theTestsOfTheThreatsExist() throws IOException {
        List<Path> sources = testSources();
        assertThat(rows().stream()
                        .flatMap(row -> tests(row).stream())
                        .distinct()
                        .filter(name -> sources.stream().noneMatch(source -> has(source, name))))
                .as("names in docs/threat-model.md without a test")
                .isEmpty();
    }

    /** Whether a file is a test, or has the method of one. */
    private static boolean has(Path source, String name) {
        String file = source.getFileName().toString();
        if (name.endsWith(".mjs")) {
            return file.equals(name);
        }
        String[] parts = name.split("\\.", 2);
        if (!file.equals(parts[0] + ".java")) {
            return false;
        }
        return parts.length == 1
                || Documents.lines(source).stream()
                        .flatMap(line -> Pattern.compile("(\\w+)(?:\\(| =)")
                                .matcher(line)
                                .results())
                        .map(MatchResult::group)
                        .anyMatch(found -> found.startsWith(parts[1] + "(") || found.startsWith(parts[1] + " ="));
    }

    private static List<Path> testSources() throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(Documents.ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return BUILT.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String path = file.toString();
                if (path.endsWith(".test.mjs") || (path.endsWith(".java") && path.contains("/src/test/"))) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }
}
