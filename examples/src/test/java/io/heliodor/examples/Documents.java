package io.heliodor.examples;

import io.heliodor.fixtures.Guide;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The documents of the project, and the sources that they print. */
final class Documents {
    static final Path ROOT = Guide.ROOT;

    private static final Pattern FENCE = Pattern.compile("^```(\\w*) *(?:file=(\\S+))?(?: +region=(\\S+))?(imports)?$");
    private static final Pattern START = Pattern.compile(".*@start region=(\\S+).*");
    private static final Pattern END = Pattern.compile(".*@end\\b.*");
    private static final Pattern IMPORT = Pattern.compile("import (?:static )?([\\w.]+)\\.(\\w+|\\*);?");
    private static final Pattern NO_CODE =
            Pattern.compile("\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\])*\"|//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);
    private static final Set<String> COMPILED = Set.of("java", "kotlin");
    private static final List<String> SOURCES =
            List.of("examples/src", "spring-boot-tests/boot-4.1/src", "kotlin/src/test", "framework-tests");
    private static final String FOLD = "<details><summary>Imports</summary>";
    private static final String FOLD_END = "</details>";

    /**
     * A block of code in a document.
     *
     * @param document where it is
     * @param line the line on which it begins
     * @param language its language
     * @param file the source that it is taken from; empty if from none
     * @param region the region of the source; empty for all of it
     * @param imports whether it has the imports of the block before it
     * @param text its text
     */
    record Block(
            Path document, int line, String language, String file, String region, boolean imports, List<String> text) {
        /** Whether the build compiles the source of a block in this language. */
        boolean isCompiled() {
            return COMPILED.contains(language);
        }

        @Override
        public String toString() {
            return at(document, line) + " " + file + " " + region;
        }
    }

    private Documents() {}

    /** README.md and its neighbours, and all that is in docs. */
    static List<Path> all() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The blocks of code in a document. */
    static List<Block> blocks(Path document) {
        List<Block> blocks = new ArrayList<>();
        Block open = null;
        List<String> lines = lines(document);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (open != null && line.equals("```")) {
                open = null;
            } else if (open != null) {
                open.text().add(line);
            } else if (line.startsWith("```")) {
                Matcher fence = FENCE.matcher(line);
                if (!fence.matches()) {
                    throw new AssertionError(at(document, i + 1) + ": write ```java file=Source.java region=name");
                }
                open = new Block(
                        document,
                        i + 1,
                        fence.group(1),
                        or(fence.group(2)),
                        or(fence.group(3)),
                        fence.group(4) != null,
                        new ArrayList<>());
                blocks.add(open);
            }
        }
        return blocks;
    }

    /** A document without its blocks of code. */
    static List<String> prose(Path document) {
        List<String> prose = new ArrayList<>();
        boolean code = false;
        for (String line : lines(document)) {
            if (line.startsWith("```")) {
                code = !code;
            } else if (!code) {
                prose.add(line);
            }
        }
        return prose;
    }

    /** A document in which a fold after each block of Java or Kotlin has the imports that the block needs and does not show. */
    static List<String> withImports(Path document) {
        List<String> before = lines(document);
        List<String> after = new ArrayList<>();
        Iterator<Block> blocks = blocks(document).iterator();
        for (int i = 0; i < before.size(); i++) {
            after.add(before.get(i));
            if (!before.get(i).startsWith("```")) {
                continue;
            }
            Block block = blocks.next();
            if (block.imports()) {
                throw new AssertionError(
                        at(document, block.line()) + ": imports belong into a fold after the block that needs them");
            }
            after.addAll(block.text());
            after.add("```");
            i += block.text().size() + 1;
            if (!block.isCompiled() || block.file().isEmpty()) {
                continue;
            }
            if (before.size() > i + 2 && before.get(i + 2).equals(FOLD)) {
                i += 2 + before.subList(i + 2, before.size()).indexOf(FOLD_END);
                blocks.next();
            }
            List<String> imports = imports(source(block.file()), block.text());
            if (!imports.isEmpty()) {
                after.addAll(List.of("", FOLD, ""));
                after.add("```" + block.language() + " imports");
                after.addAll(imports);
                after.addAll(List.of("```", "", FOLD_END));
            }
        }
        return after;
    }

    /** The imports of a source that a part of it needs and does not contain; types of the examples are not imported. */
    static List<String> imports(Path source, List<String> part) {
        String code = NO_CODE.matcher(String.join("\n", part)).replaceAll(" ");
        List<String> needed = new ArrayList<>();
        for (String line : lines(source)) {
            Matcher imported = IMPORT.matcher(line);
            if (!imported.matches() || part.contains(line) || imported.group(1).startsWith("io.heliodor.examples")) {
                continue;
            }
            if (imported.group(2).equals("*")) {
                throw new AssertionError(source.getFileName() + " has '" + line
                        + "' outside of its region, which hides what the region needs; import each type");
            }
            if (Pattern.compile("(?<![\\w.])" + imported.group(2) + "\\b")
                    .matcher(code)
                    .find()) {
                needed.add(line);
            }
        }
        return needed;
    }

    /** A region of a source without its marks and its indentation; all of the source if no region is named. */
    static List<String> region(Path source, String name) {
        List<String> region = new ArrayList<>();
        boolean inside = name.isEmpty();
        boolean found = inside;
        for (String line : lines(source)) {
            Matcher start = START.matcher(line);
            if (start.matches()) {
                inside |= start.group(1).equals(name);
                found |= inside;
            } else if (END.matcher(line).matches()) {
                inside = name.isEmpty();
            } else if (inside) {
                region.add(line);
            }
        }
        if (!found) {
            throw new AssertionError(source.getFileName() + " has no region " + name);
        }
        return unindented(region);
    }

    /** The one file of this name among the sources; the name may have the folders before it, as in {@code quarkus/pom.xml}. */
    static Path source(String name) {
        List<Path> found = new ArrayList<>();
        for (String folder : SOURCES) {
            try (Stream<Path> sources = Files.walk(ROOT.resolve(folder))) {
                sources.filter(path -> path.endsWith(name)).forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (found.size() != 1) {
            throw new AssertionError("there are " + found.size() + " files named " + name + " in " + SOURCES
                    + "; write their folders before the name");
        }
        return found.getFirst();
    }

    static String at(Path document, int line) {
        return ROOT.relativize(document) + ":" + line;
    }

    private static List<String> unindented(List<String> lines) {
        int indent = lines.stream()
                .filter(line -> !line.isBlank())
                .mapToInt(line -> line.length() - line.stripLeading().length())
                .min()
                .orElse(0);
        return lines.stream()
                .map(line -> line.isBlank() ? "" : line.substring(indent))
                .toList();
    }

    private static String or(@Nullable String group) {
        return group == null ? "" : group;
    }
}
