package io.heliodor.interop.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The numbered rules of the design notes, and the references to them in the table of planted faults. */
final class NumberedRules {
    /** The notes each of whose rules has a fault. {@code gossip} is a section of {@code across-publish}. */
    static final List<String> NOTES = List.of(
            "across-history",
            "across-presence",
            "across-publish",
            "gossip",
            "anti-entropy",
            "raft",
            "voters",
            "groups");

    private static final Path FOLDER = Path.of("..", "docs", "design");
    private static final Pattern RULE = Pattern.compile("^(\\d+)\\. ", Pattern.MULTILINE);

    /** At the end of the sentence of a fault: {@code (raft rule 4)}, {@code (raft rules 4, 8)}, or two such with a semicolon. */
    private static final Pattern REFERENCES = Pattern.compile("\\(([^()]*\\brules? \\d[^()]*)\\)");

    private static final Pattern REFERENCE = Pattern.compile("([a-z-]+) rules? (\\d+(?:, \\d+)*)");

    /** A line of the table about a rule that no code can break. */
    private static final Pattern WITHOUT = Pattern.compile("^# no fault: ([a-z-]+) rule (\\d+): .+", Pattern.MULTILINE);

    private NumberedRules() {}

    /**
     * A rule.
     *
     * @param note the name of its design note
     * @param number its number in the section of the rules
     */
    record Rule(String note, int number) {
        @Override
        public String toString() {
            return note + " rule " + number;
        }
    }

    /** The rules of a note. */
    static Set<Rule> of(String note) throws IOException {
        String section = note.equals("gossip") ? "Gossip" : "Rules";
        String text = Files.readString(FOLDER.resolve((note.equals("gossip") ? "across-publish" : note) + ".md"));
        int from = text.indexOf("\n## " + section + "\n");
        int to = text.indexOf("\n## ", from + 1);
        return RULE.matcher(text.substring(from, to))
                .results()
                .map(each -> new Rule(note, Integer.parseInt(each.group(1))))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * The rules that a fault breaks, by the end of its sentence.
     *
     * @throws IllegalArgumentException if a reference does not name its note
     */
    static Set<Rule> brokenBy(PlantedFault fault) {
        Set<Rule> broken = new LinkedHashSet<>();
        Matcher all = REFERENCES.matcher(fault.fault());
        while (all.find()) {
            for (String each : all.group(1).split("; ", -1)) {
                Matcher reference = REFERENCE.matcher(each);
                if (!reference.matches()) {
                    throw new IllegalArgumentException("The sentence of the planted fault " + fault.id()
                            + " must end like \"(raft rule 4)\" or \"(raft rules 4, 8)\".");
                }
                for (String number : reference.group(2).split(", ", -1)) {
                    broken.add(new Rule(reference.group(1), Integer.parseInt(number)));
                }
            }
        }
        return broken;
    }

    /** The rules that the table lists as ones that no code can break. */
    static Set<Rule> withoutFault(String table) {
        return WITHOUT.matcher(table)
                .results()
                .map(each -> new Rule(each.group(1), Integer.parseInt(each.group(2))))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
