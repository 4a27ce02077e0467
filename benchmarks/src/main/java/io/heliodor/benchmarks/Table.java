package io.heliodor.benchmarks;

import java.util.Formatter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A table for people: rows of a label and a text. */
final class Table {
    private final Formatter out = new Formatter(Locale.ROOT);
    private final String label;

    /** @param width the characters of a label */
    Table(int width) {
        label = "%-" + width + "s ";
    }

    /** Adds a row whose text has the given format. */
    Table row(String name, String format, Object... figures) {
        out.format(label, name).format(format + "%n", figures);
        return this;
    }

    /** Adds a row of settings, with their names. */
    Table settings(String name, Map<String, Object> settings) {
        String text = settings.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
        return row(name, "%s", text);
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
