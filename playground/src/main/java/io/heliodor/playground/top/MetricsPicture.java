package io.heliodor.playground.top;

import static io.heliodor.playground.top.Figures.bytes;
import static io.heliodor.playground.top.Figures.number;
import static io.heliodor.playground.top.Figures.row;

import io.heliodor.type.text.ControlCharacters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/**
 * The metrics of a server as lines for a terminal: gauges, and rates between two scrapes.
 *
 * @param url the URL of the server
 * @param before the earlier scrape
 * @param now the later scrape
 * @param seconds the time between them
 */
record MetricsPicture(String url, Scrape before, Scrape now, double seconds) {
    private static final String HANDLERS = "heliodor_handlers_seconds";
    private static final int MAX_HANDLERS = 10;

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("heliodor at " + url + "   up " + ofJvm("process_uptime_seconds", "", Figures::time) + "   cpu "
                + ofJvm("process_cpu_usage", "", usage -> Math.round(100 * usage) + " %") + "   heap "
                + ofJvm("jvm_memory_used_bytes", "heap", Figures::bytes));
        lines.add("");
        lines.add(row(
                "connections",
                count("heliodor_connections"),
                "opened " + rate("heliodor_connections_opened_total"),
                "closed " + rate("heliodor_connections_closed_total"),
                "paused " + count("heliodor_connections_paused")));
        lines.add(row(
                "channels",
                count("heliodor_channels"),
                "joined " + rate("heliodor_joins_accepted_total"),
                "refused " + rate("heliodor_joins_refused_total"),
                "failed " + rate("heliodor_channels_failed_total")));
        lines.add(row("topics", count("heliodor_topics"), "present " + count("heliodor_presences")));
        lines.add(row(
                "messages in",
                rate("heliodor_frames_in_total"),
                bytes(perSecond("heliodor_traffic_in_bytes_total")) + "/s"));
        lines.add(row(
                "messages out",
                rate("heliodor_frames_out_total"),
                bytes(perSecond("heliodor_traffic_out_bytes_total")) + "/s"));
        lines.add(row(
                "waiting",
                bytes(now.sum("heliodor_outboxes_bytes")),
                "for slow clients",
                count("heliodor_mailbox_messages") + " for handlers",
                bytes(now.sum("heliodor_lanes_bytes")) + " for loops"));
        Distribution all = Distribution.between(before, now, HANDLERS, sample -> true);
        lines.add(row(
                "handlers",
                number(all.calls() / seconds) + "/s",
                "p50 " + took(all.quantile(0.5)),
                "p99 " + took(all.quantile(0.99)),
                "failed " + number(failed() / seconds) + "/s"));
        lines.add("");
        lines.add(reasons("closed", "heliodor_connections_closed_total"));
        lines.add(reasons("refused", "heliodor_requests_refused_total"));
        handlers(lines);
        // The labels are texts of the server, which must not move the cursor.
        return lines.stream().map(ControlCharacters::escaped).toList();
    }

    /** A meter of the JVM, or a dash if the application does not bind it. */
    private String ofJvm(String name, String area, DoubleFunction<String> format) {
        OptionalDouble read = now.read(name, sample -> sample.label("area").equals(area));
        return read.isPresent() ? format.apply(read.getAsDouble()) : "-";
    }

    private String count(String name) {
        return number(now.sum(name));
    }

    private double perSecond(String name) {
        return Math.max(0, now.sum(name) - before.sum(name)) / seconds;
    }

    private String rate(String name) {
        return number(perSecond(name)) + "/s";
    }

    private double failed() {
        return Math.max(0, failed(now) - failed(before));
    }

    private static double failed(Scrape scrape) {
        return scrape.sum(HANDLERS + "_count", sample -> sample.label("result").equals("failed"));
    }

    /** Counts since the start of the server, the highest first. */
    private String reasons(String title, String name) {
        String all = now.by(name, "reason").entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .map(each -> each.getKey() + " " + number(each.getValue()))
                .collect(Collectors.joining(", "));
        return String.format(Locale.ROOT, "%-14s%s", title, all.isEmpty() ? "none" : all);
    }

    /** The handlers that were called, the busiest first. */
    private void handlers(List<String> lines) {
        record Row(String handler, Distribution calls) {}
        List<Row> rows = now.samples().stream()
                .filter(sample -> sample.name().equals(HANDLERS + "_count"))
                .map(MetricsPicture::handler)
                .distinct()
                .map(handler -> new Row(
                        handler,
                        Distribution.between(
                                before, now, HANDLERS, sample -> handler(sample).equals(handler))))
                .filter(row -> row.calls().calls() > 0)
                .sorted(Comparator.comparingDouble((Row row) -> -row.calls().calls()))
                .limit(MAX_HANDLERS)
                .toList();
        if (rows.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%-40s%12s%12s%12s", "handler", "calls", "p50", "p99"));
        for (Row row : rows) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-40s%12s%12s%12s",
                    row.handler(),
                    number(row.calls().calls() / seconds) + "/s",
                    took(row.calls().quantile(0.5)),
                    took(row.calls().quantile(0.99))));
        }
    }

    private static String handler(Scrape.Sample sample) {
        String name = sample.label("name").equals(sample.label("kind")) ? "" : " " + sample.label("name");
        return sample.label("channel") + " " + sample.label("kind") + name;
    }

    private static String took(OptionalDouble seconds) {
        if (seconds.isEmpty()) {
            return "-";
        }
        double most = seconds.getAsDouble();
        if (Double.isInfinite(most)) {
            return "> 10 s";
        }
        return most < 1 ? "<= " + Math.round(most * 1000) + " ms" : "<= " + number(most) + " s";
    }
}
