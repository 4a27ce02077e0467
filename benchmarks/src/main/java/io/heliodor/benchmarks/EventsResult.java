package io.heliodor.benchmarks;

import java.util.List;
import java.util.Map;

/**
 * The cost of each kind of event against a plain broadcast or an echo; as JSON the names are in snake case.
 *
 * @param settings all options as they are in force
 * @param rows in the order in which they ran
 */
record EventsResult(Map<String, Object> settings, List<Comparison> rows) {
    String text() {
        Table table = new Table(30).settings("events", settings);
        rows.forEach(row -> addTo(table, row));
        return table.toString();
    }

    /** One row: the median of the ratios, the least and the most, and the middle figures that they come from. */
    static String line(Comparison row) {
        return addTo(new Table(30), row).toString();
    }

    static Table addTo(Table table, Comparison row) {
        return table.row(
                row.a(),
                "%.2f of %s (%.2f to %.2f); %,.0f and %,.0f %s",
                row.ratio().median(),
                row.b(),
                row.ratio().min(),
                row.ratio().max(),
                median(row, true),
                median(row, false),
                row.figure());
    }

    private static double median(Comparison row, boolean a) {
        return Ratio.of(row.pairs().stream()
                        .map(pair -> (a ? pair.a() : pair.b()).figure().orElse(Double.NaN))
                        .toList())
                .median();
    }

    boolean clean() {
        return rows.stream().allMatch(Comparison::clean);
    }
}
