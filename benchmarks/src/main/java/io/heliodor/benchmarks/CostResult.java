package io.heliodor.benchmarks;

import java.util.List;
import java.util.Map;

/**
 * Loads with the costs of their variants; as JSON the names are in snake case.
 *
 * @param command the subcommand
 * @param settings all options as they are in force
 * @param groups in the order in which they ran
 * @param notes further lines
 */
record CostResult(String command, Map<String, Object> settings, List<Group> groups, List<String> notes) {
    /** The variants of one load; the first is the reference of the others. */
    record Group(String name, List<Cost> variants) {
        void addTo(Table table) {
            table.row(name, "");
            variants.forEach(each -> each.addTo(table));
        }
    }

    String text() {
        Table table = new Table(24).settings(command, settings);
        groups.forEach(group -> group.addTo(table));
        notes.forEach(note -> table.row("", "%s", note));
        return table.toString();
    }

    /** Whether everything arrived once. */
    boolean clean() {
        return groups.stream().flatMap(group -> group.variants().stream()).allMatch(each -> each.faults() == 0);
    }
}
