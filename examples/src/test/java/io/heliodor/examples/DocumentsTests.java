package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.heliodor.event.CloseCode;
import io.heliodor.examples.Documents.Block;
import io.heliodor.node.Statistic;
import io.heliodor.observe.AuditEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The documents agree with code, files and flags. */
class DocumentsTests {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)|(?:src|href|srcset)=\"([^\"]+)\"");

    /** The column of CONTRIBUTING.md for {@code ./heliodor test --all}. */
    private static final int ALL = 3;

    private static final Pattern CLOSE_CODE =
            Pattern.compile("\\b(?:close[ds]?|codes?)(?: with)?(?: code)?(?: ===)? ([14]\\d{3})\\b");

    /** The code that browsers report for a connection that broke. */
    private static final int NO_CLOSE_FRAME = 1006;

    static List<Path> documents() throws IOException {
        return Documents.all();
    }

    static List<Block> printedBlocks() throws IOException {
        return documents().stream()
                .flatMap(document -> Documents.blocks(document).stream())
                .filter(block -> !block.file().isEmpty())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("printedBlocks")
    void aBlockIsTheTextOfItsSource(Block block) {
        Path source = Documents.source(block.file());
        List<String> expected = Documents.region(source, block.region());
        if (!block.text().equals(expected)) {
            fail(Documents.at(block.document(), block.line()) + " is not what "
                    + Documents.ROOT.relativize(source) + " says (region '" + block.region()
                    + "'). The source is right: update " + Documents.ROOT.relativize(block.document()) + ".\n"
                    + difference(block.text(), expected));
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyCompiledBlockIsTakenFromASource(Path document) {
        assertThat(Documents.blocks(document))
                .filteredOn(block -> block.isCompiled() && !block.imports())
                .allSatisfy(block -> assertThat(block.file())
                        .as(Documents.at(block.document(), block.line()) + " names no file=")
                        .isNotEmpty());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyCompiledBlockHasItsImportsInAFold(Path document) throws IOException {
        List<String> expected = Documents.withImports(document);
        if ("docs".equals(System.getProperty("heliodor.write"))) {
            Files.write(document, expected);
            return;
        }
        if (!expected.equals(Documents.lines(document))) {
            fail(Documents.ROOT.relativize(document)
                    + " does not show the imports of its sources; write them with mvn verify -pl examples -am"
                    + " -Dtest=DocumentsTests -Dsurefire.failIfNoSpecifiedTests=false -Dheliodor.write=docs\n"
                    + difference(Documents.lines(document), expected));
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkHasATarget(Path document) {
        List<String> broken = new ArrayList<>();
        for (String line : Documents.prose(document)) {
            LINK.matcher(line)
                    .results()
                    .map(DocumentsTests::target)
                    .filter(target -> !target.matches("[a-z]+:.*"))
                    .filter(target -> !exists(document, target))
                    .forEach(broken::add);
        }
        assertThat(broken)
                .as("broken links in " + Documents.ROOT.relativize(document))
                .isEmpty();
    }

    @Test
    void everyFlagOfTheLauncherIsExplained() throws IOException {
        String launcher = text("heliodor");
        List<String> flags = Pattern.compile("(?:cache|server)_flags=\"(?:\\$cache_flags)?([^\"]*)\"")
                .matcher(launcher)
                .results()
                .flatMap(found -> Stream.of(found.group(1).trim().split("\\s+")))
                .toList();
        String operations = text("docs/operations.md");
        assertThat(flags)
                .hasSizeGreaterThan(15)
                .allSatisfy(flag -> assertThat(operations)
                        .as("docs/operations.md explains " + flag)
                        .contains("`" + flag + "`"));
    }

    /** The column of {@code --all} has the numbers in the sources of the tests; a size sets those that differ. */
    @ParameterizedTest
    @CsvSource({"short-tests, 2", "long-tests, 4"})
    void aSizeOfTheTestsSetsTheNumbersInItsColumn(String profile, int column) throws IOException {
        String pom = text("pom.xml");
        String size = pom.substring(pom.indexOf("<id>" + profile + "</id>"));
        Map<String, String> set = Pattern.compile("-D(\\S+)=(\\S+)")
                .matcher(size.substring(0, size.indexOf("</profile>")))
                .results()
                .collect(Collectors.toMap(option -> option.group(1), option -> option.group(2)));
        Map<String, String> listed = Files.readAllLines(Documents.ROOT.resolve("CONTRIBUTING.md")).stream()
                .filter(row -> row.matches("\\|.*\\(`[a-z.]+`\\) \\|.*"))
                .map(row -> row.split(" *\\| *"))
                .filter(cells -> !cells[column].isEmpty() && !cells[column].equals(cells[ALL]))
                .collect(Collectors.toMap(
                        cells -> cells[1].substring(cells[1].indexOf("(`") + 2, cells[1].indexOf("`)")),
                        cells -> cells[column]));
        assertThat(listed).isNotEmpty().isEqualTo(set);
    }

    @Test
    void everyCloseCodeIsNamedAndThePageHasTheFinalOnes() throws IOException {
        String limits = text("docs/limits.md");
        Map<Integer, Boolean> listed = Pattern.compile("(?m)^\\| (\\d{4})(, final)? \\|")
                .matcher(limits)
                .results()
                .collect(Collectors.toMap(
                        row -> Integer.valueOf(row.group(1)), row -> row.group(2) != null, (first, _) -> first));
        assertThat(listed)
                .isEqualTo(Arrays.stream(CloseCode.values())
                        .collect(Collectors.toMap(CloseCode::code, CloseCode::isFinal)));
        String codes = "FINAL = "
                + Arrays.stream(CloseCode.values())
                        .filter(CloseCode::isFinal)
                        .map(CloseCode::code)
                        .toList();
        for (String page : List.of("examples/src/browser/kicked.mjs", "npm/client/heliodor.mjs")) {
            assertThat(text(page)).contains(codes);
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyCloseCodeInATextIsOne(Path document) {
        assertThat(closeCodes(String.join(" ", Documents.prose(document)))).allMatch(DocumentsTests::isCloseCode);
    }

    /** Also those of the modules for pages, which no build step reads from the enum. */
    @Test
    void everyCloseCodeInASourceIsOne() throws IOException {
        Map<String, List<Integer>> found = new TreeMap<>();
        try (Stream<Path> modules = Files.list(Documents.ROOT)) {
            for (Path module : modules.filter(Files::isDirectory).toList()) {
                for (String sources : List.of("src/main", "src/browser", "client", "yjs")) {
                    addCloseCodes(module.resolve(sources), found);
                }
            }
        }
        assertThat(found).containsKeys("heliodor.mjs", "actions.mjs", "Channel.java");
        assertThat(found.values()).allSatisfy(codes -> assertThat(codes).allMatch(DocumentsTests::isCloseCode));
    }

    private static void addCloseCodes(Path folder, Map<String, List<Integer>> found) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(each -> each.toString().matches(".*\\.(java|kt|mjs|html)"))
                    .filter(each -> !each.toString().contains("node_modules"))
                    .toList()) {
                List<Integer> codes =
                        closeCodes(words(Documents.ROOT.relativize(file).toString()));
                if (!codes.isEmpty()) {
                    found.merge(
                            file.getFileName().toString(),
                            codes,
                            (one, other) ->
                                    Stream.of(one, other).flatMap(List::stream).toList());
                }
            }
        }
    }

    private static List<Integer> closeCodes(String text) {
        return CLOSE_CODE
                .matcher(text)
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
    }

    private static boolean isCloseCode(int code) {
        return code == NO_CLOSE_FRAME || CloseCode.of(code).isPresent();
    }

    @Test
    void theGuideAndTheJavadocAgreeOnWhereABroadcastWaits() throws IOException {
        String guide = words("docs/channels.md");
        int from = guide.indexOf("A broadcast waits neither");
        String paragraph = guide.substring(from, guide.indexOf("`Channels.broadcast`", from))
                .strip();
        for (String type : List.of("Channels", "Context")) {
            assertThat(words("channels/src/main/java/io/heliodor/channel/" + type + ".java"))
                    .contains(paragraph);
        }
        String nodes = paragraph.substring(
                paragraph.indexOf("While the queue to another node"), paragraph.indexOf(" It waits for up to two"));
        assertThat(words("pubsub/src/main/java/io/heliodor/pubsub/PubSub.java")).contains(nodes);
        assertThat(words("docs/pubsub.md")).contains(nodes);
    }

    /** The text of a file on one line, without the stars of Javadoc. */
    private static String words(String file) throws IOException {
        return text(file).replaceAll("\\s*\\n\\s*(\\* )?", " ");
    }

    /** Whether it is a Java module with a name of one word. */
    private static boolean isLibrary(Path folder) {
        Path pom = folder.resolve("pom.xml");
        try {
            return Files.exists(folder.resolve("src/main/java/module-info.java"))
                    || (Files.exists(pom)
                            && Files.readString(pom)
                                    .contains("<Automatic-Module-Name>io.heliodor." + folder.getFileName() + "<"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyLibraryIsAmongTheModules() throws IOException {
        String guide = text("docs/modules.md");
        List<String> listed = Pattern.compile("(?m)^\\| `heliodor-(\\w+)` \\| `io\\.heliodor\\.(\\w+)` \\|")
                .matcher(guide)
                .results()
                .map(row -> row.group(1) + " " + row.group(2))
                .toList();
        try (Stream<Path> folders = Files.list(Documents.ROOT)) {
            assertThat(listed)
                    .containsExactlyInAnyOrderElementsOf(folders.filter(DocumentsTests::isLibrary)
                            .map(folder -> folder.getFileName() + " " + folder.getFileName())
                            .toList());
        }
    }

    @Test
    void theTablesOfReasonsHaveThoseOfTheServer() throws IOException {
        Pattern reason = Pattern.compile(
                "reason\\\\\":\\\\\"([^\"\\\\]+)|\"reason\", \"([^\"]+)\"|Reply\\.error\\(\"([^\"]+)\"\\)"
                        + "|(?:KeptAnswer\\.error|= error|refusal)\\((?:\\d+, )?\"([a-z_ ]+)\"");
        Set<String> given = new TreeSet<>();
        for (String room : List.of("session", "once", "wire")) {
            try (Stream<Path> sources = Files.walk(
                    Documents.ROOT.resolve("channels/src/main/java/io/heliodor").resolve(room))) {
                for (Path source : sources.filter(Files::isRegularFile).toList()) {
                    reason.matcher(Files.readString(source))
                            .results()
                            .flatMap(found ->
                                    IntStream.rangeClosed(1, found.groupCount()).mapToObj(found::group))
                            .filter(Objects::nonNull)
                            .forEach(given::add);
                }
            }
        }
        String errors = text("docs/errors.md");
        assertThat(Stream.of("## A join", "## A push", "## A fresh token", "## A channel ends")
                        .flatMap(section -> column(errors, section, "`reason`"))
                        .flatMap(cell -> names("`([a-z][a-z_ ]+)`", cell.replaceFirst(", with .*", ""))))
                .containsAll(given)
                .isSubsetOf(given);
        String types = text("npm/client/heliodor.d.mts");
        assertThat(names("\"([a-z_ ]+)\"", between(types, "type OnceError", "/** A refusal of a connection"))
                        .filter(name -> !name.equals("reason")))
                .isSubsetOf(given);
    }

    /** The client in Java and that for pages try again after the same refusals. */
    @Test
    void bothClientsRetryTheSameJoins() throws IOException {
        String java = text("client/src/main/java/io/heliodor/client/session/Refusals.java");
        String page = text("npm/client/heliodor.mjs");
        assertThat(names("\"([a-z_ ]+)\"", between(page, "RETRIED_JOINS = [", "]")))
                .containsExactlyElementsOf(
                        names("\"([a-z_ ]+)\"", between(java, "> JOINS =", ";")).toList());
    }

    @Test
    void theTableOfAuditEventsIsTheEnum() throws IOException {
        assertThat(column(text("docs/observability.md"), "## Audit events", "event"))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(AuditEvent.values())
                        .map(event -> "`" + event + "`")
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void theTablesOfStatisticsAreTheEnum(Statistic.Kind kind) throws IOException {
        String header = kind.name().toLowerCase(Locale.ROOT);
        assertThat(column(text("docs/cluster-operations.md"), "| " + header, header))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Statistic.values())
                        .filter(statistic -> statistic.kind() == kind)
                        .map(statistic -> "`" + statistic.name().toLowerCase(Locale.ROOT) + "`")
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void theJavadocOfAStatisticIsItsDescription(Statistic statistic) throws IOException {
        assertThat(text("cluster/src/main/java/io/heliodor/node/Statistic.java"))
                .contains("/** " + statistic.description() + " */\n    " + statistic + "(");
    }

    private static String text(String file) throws IOException {
        return Files.readString(Documents.ROOT.resolve(file));
    }

    private static String between(String text, String from, String to) {
        int start = text.indexOf(from);
        return text.substring(start, text.indexOf(to, start));
    }

    /** The first groups of all matches. */
    private static Stream<String> names(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1));
    }

    /** The cells of a column of the first table after a text. */
    private static Stream<String> column(String document, String after, String header) {
        List<List<String>> rows = document.substring(document.indexOf(after))
                .lines()
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> List.of(line.split(" *\\| *")))
                .toList();
        int column = rows.getFirst().indexOf(header);
        return rows.stream().skip(2).map(row -> row.get(column));
    }

    private static String target(MatchResult link) {
        return link.group(1) == null ? link.group(2) : link.group(1);
    }

    private static boolean exists(Path document, String target) {
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
        return Files.exists(file) && (parts.length == 1 || anchors(file).contains(parts[1]));
    }

    /** The names that GitHub gives to headings. */
    private static List<String> anchors(Path document) {
        return Documents.prose(document).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ +", "").toLowerCase(Locale.ROOT))
                .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .toList();
    }

    /** The lines that differ, between those that are the same at both ends. */
    private static String difference(List<String> printed, List<String> source) {
        int from = 0;
        int end = 0;
        int most = Math.min(printed.size(), source.size());
        while (from < most && printed.get(from).equals(source.get(from))) {
            from++;
        }
        while (end < most - from && printed.get(printed.size() - 1 - end).equals(source.get(source.size() - 1 - end))) {
            end++;
        }
        StringBuilder text = new StringBuilder();
        printed.subList(from, printed.size() - end)
                .forEach(line -> text.append("- ").append(line).append('\n'));
        source.subList(from, source.size() - end)
                .forEach(line -> text.append("+ ").append(line).append('\n'));
        return text.toString();
    }
}
