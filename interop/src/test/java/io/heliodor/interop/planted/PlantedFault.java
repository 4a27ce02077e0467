package io.heliodor.interop.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A change of one source file that makes the library wrong, and the test that must find it.
 *
 * @param id its name, unique in the table
 * @param fault one sentence about what it breaks
 * @param source the source file, relative to the root of the project
 * @param before the lines that it replaces, without indentation
 * @param after the lines in their place
 * @param test the test that must fail
 */
record PlantedFault(String id, String fault, Path source, List<String> before, List<String> after, TestRun test) {
    /** The table, relative to this module. */
    static final Path TABLE = Path.of("planted-faults.txt");

    private static final Pattern HEAD = Pattern.compile("([a-z0-9-]+): (.+)");
    private static final Pattern RUN = Pattern.compile("([\\w.$]+)#(\\w+)(?: seed (\\d+)| seeds (\\d+))?");

    /**
     * A test method.
     *
     * @param type its class
     * @param method its name
     * @param seed the first seed of a simulation
     * @param seeds the number of seeds, one of which must find the fault; 1 without a simulation
     */
    record TestRun(String type, String method, OptionalLong seed, int seeds) {
        /** Reads {@code class#method}, {@code class#method seed 17} or, for the first seeds, {@code class#method seeds 30}. */
        static Optional<TestRun> parse(String text) {
            Matcher run = RUN.matcher(text);
            if (!run.matches()) {
                return Optional.empty();
            }
            if (run.group(4) != null) {
                int seeds = Integer.parseInt(run.group(4));
                return Optional.of(new TestRun(run.group(1), run.group(2), OptionalLong.of(0), seeds));
            }
            OptionalLong seed =
                    run.group(3) == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(run.group(3)));
            return Optional.of(new TestRun(run.group(1), run.group(2), seed, 1));
        }

        /**
         * The module that has the class.
         *
         * @throws AssertionError if none has it
         */
        SourceModule module() {
            return SourceModule.ofTest(type)
                    .orElseThrow(() -> new AssertionError("No module has the test " + type + "."));
        }

        @Override
        public String toString() {
            String simulated = seed.isEmpty() ? "" : seeds == 1 ? " seed " + seed.getAsLong() : " seeds " + seeds;
            return type + "#" + method + simulated;
        }
    }

    /** Reads the faults of a table: blocks with an empty line between them, and comments that begin with {@code #}. */
    static List<PlantedFault> parse(String table) {
        List<PlantedFault> faults = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (String block : table.split("\n\\s*\n", -1)) {
            List<String> lines = block.lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .toList();
            if (!lines.isEmpty()) {
                PlantedFault fault = parse(lines);
                check(ids.add(fault.id), "its id is used twice", lines);
                faults.add(fault);
            }
        }
        return faults;
    }

    private static PlantedFault parse(List<String> lines) {
        Matcher head = HEAD.matcher(lines.getFirst());
        check(head.matches(), "its first line is not \"id: sentence\"", lines);
        check(
                lines.size() > 3
                        && lines.get(1).startsWith("in ")
                        && lines.get(2).startsWith("by "),
                "its second line is not \"in file\", or its third not \"by class#method\"",
                lines);
        Optional<TestRun> test = TestRun.parse(lines.get(2).substring(3));
        check(test.isPresent(), "the test is not class#method, with \"seed N\" or \"seeds N\" for a simulation", lines);
        List<String> change = lines.subList(3, lines.size());
        check(change.stream().allMatch(line -> line.matches("[-+=] .*")), "a line begins with none of - + =", lines);
        List<String> before = side(change, '-');
        List<String> after = side(change, '+');
        check(!before.isEmpty(), "it replaces no line", lines);
        check(!before.equals(after), "it changes nothing", lines);
        return new PlantedFault(
                head.group(1), head.group(2), Path.of(lines.get(1).substring(3)), before, after, test.orElseThrow());
    }

    private static List<String> side(List<String> change, char sign) {
        return change.stream()
                .filter(line -> line.charAt(0) == sign || line.charAt(0) == '=')
                .map(line -> line.substring(2).strip())
                .toList();
    }

    private static void check(boolean holds, String problem, List<String> lines) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "A planted fault cannot be read, because " + problem + ":\n" + String.join("\n", lines));
        }
    }

    /**
     * The source with the fault.
     *
     * @param root the root of the project
     * @throws AssertionError if the source does not contain the lines, or more than once
     */
    String mutated(Path root) throws IOException {
        String text = Files.readString(root.resolve(source));
        Pattern lines = Pattern.compile(before.stream().map(Pattern::quote).collect(Collectors.joining("\\s*\\n\\s*")));
        List<MatchResult> found = lines.matcher(text).results().toList();
        if (found.size() != 1) {
            throw new AssertionError("The planted fault " + id + " fits " + found.size() + " places of " + source
                    + ", and must fit one. Write its lines in " + TABLE + " anew as the source has them now:\n"
                    + String.join("\n", before));
        }
        return text.substring(0, found.getFirst().start())
                + String.join("\n", after)
                + text.substring(found.getFirst().end());
    }

    /**
     * The module that has the source.
     *
     * @throws AssertionError if its path is not that of a Java source of a module
     */
    SourceModule module() {
        return SourceModule.ofSource(source)
                .orElseThrow(() -> new AssertionError("The planted fault " + id + " must be in"
                        + " module/src/main/java/.../Name.java, and is in " + source + "."));
    }

    @Override
    public String toString() {
        return id + ": " + fault;
    }
}
