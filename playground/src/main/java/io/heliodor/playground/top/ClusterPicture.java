package io.heliodor.playground.top;

import static io.heliodor.playground.top.Figures.bytes;
import static io.heliodor.playground.top.Figures.number;
import static io.heliodor.playground.top.Figures.row;

import io.heliodor.playground.top.ClusterReply.ClusterView;
import io.heliodor.playground.top.ClusterReply.Count;
import io.heliodor.playground.top.ClusterReply.HandlerRow;
import io.heliodor.playground.top.ClusterReply.NodeState;
import io.heliodor.playground.top.ClusterReply.Numbers;
import io.heliodor.playground.top.ClusterReply.Report;
import io.heliodor.playground.top.ClusterReply.TopicRow;
import io.heliodor.type.text.ControlCharacters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All nodes of a cluster as lines for a terminal: sums, and rates between two replies by the clocks of the nodes.
 *
 * @param address the address of the dashboard, without its token
 * @param before the earlier reply
 * @param now the later reply
 */
record ClusterPicture(String address, ClusterReply before, ClusterReply now) {
    private static final int MAX_ROWS = 10;
    private static final String NODE_ROW = "%-28s%12s%10s%9s%14s%14s%12s   %s";

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("heliodor at " + address + "   " + now.reports().size() + " of "
                + now.overview().members() + " nodes");
        lines.add("");
        lines.add(row(
                "connections",
                number(sum(Numbers::connections)),
                "channels " + number(sum(Numbers::channels)),
                "paused " + number(sum(Numbers::pausedConnections))));
        lines.add(row("messages in", number(rates(Numbers::framesIn)) + "/s", bytes(rates(Numbers::bytesIn)) + "/s"));
        lines.add(
                row("messages out", number(rates(Numbers::framesOut)) + "/s", bytes(rates(Numbers::bytesOut)) + "/s"));
        lines.add(row(
                "waiting",
                bytes(sum(Numbers::outboxBytes)),
                "for slow clients",
                number(sum(Numbers::mailboxMessages)) + " for handlers",
                bytes(sum(Numbers::laneBytes)) + " for loops"));
        lines.add("");
        lines.add(reasons("closed", Report::closed));
        lines.add(reasons("refused", Report::refused));
        lines.add("");
        lines.add(String.format(
                Locale.ROOT, NODE_ROW, "node", "connections", "channels", "topics", "in", "out", "memory", ""));
        now.overview().nodes().forEach(node -> lines.add(node(node)));
        topics(lines);
        handlers(lines);
        // The names are texts of clients, which must not move the cursor.
        return lines.stream()
                .map(line -> ControlCharacters.escaped(line).stripTrailing())
                .toList();
    }

    private long sum(ToLongFunction<Numbers> number) {
        return now.reports().values().stream()
                .mapToLong(report -> number.applyAsLong(report.numbers()))
                .sum();
    }

    private double rates(ToLongFunction<Numbers> number) {
        return now.reports().keySet().stream()
                .mapToDouble(node -> rate(node, number))
                .sum();
    }

    /** The rate of a node by its own clock; 0 without an earlier report. */
    private double rate(String node, ToLongFunction<Numbers> number) {
        Report earlier = before.reports().get(node);
        Report later = now.reports().get(node);
        if (earlier == null || later == null || later.atMillis() <= earlier.atMillis()) {
            return 0;
        }
        long change = number.applyAsLong(later.numbers()) - number.applyAsLong(earlier.numbers());
        return Math.max(0, change) * 1000.0 / (later.atMillis() - earlier.atMillis());
    }

    private String reasons(String title, Function<Report, List<Count>> counts) {
        Map<String, Long> sums = now.reports().values().stream()
                .flatMap(report -> counts.apply(report).stream())
                .collect(Collectors.groupingBy(Count::name, Collectors.summingLong(Count::count)));
        String all = sums.entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(each -> each.getKey() + " " + number(each.getValue()))
                .collect(Collectors.joining(", "));
        return String.format(Locale.ROOT, "%-14s%s", title, all.isEmpty() ? "none" : all);
    }

    private String node(NodeState node) {
        if (node.report().isEmpty()) {
            return String.format(Locale.ROOT, "%-28s%s", node.name(), state(node.state()));
        }
        Numbers numbers = node.report().orElseThrow().numbers();
        return String.format(
                Locale.ROOT,
                NODE_ROW,
                node.name(),
                number(numbers.connections()),
                number(numbers.channels()),
                number(numbers.topics()),
                number(rate(node.name(), Numbers::framesIn)) + "/s",
                number(rate(node.name(), Numbers::framesOut)) + "/s",
                bytes(numbers.memoryUsed()),
                roles(node.name()));
    }

    private static String state(String state) {
        return state.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private String roles(String node) {
        Optional<ClusterView> cluster = now.overview().nodes().stream()
                .flatMap(each -> each.report().stream())
                .findFirst()
                .flatMap(Report::cluster);
        return cluster.map(view -> Stream.of(
                                view.coordinator().equals(node) ? "coordinator" : "",
                                view.notVoting().contains(node)
                                        ? "not voting"
                                        : view.voters().contains(node) ? "voter" : "")
                        .filter(role -> !role.isEmpty())
                        .collect(Collectors.joining(", ")))
                .orElse("");
    }

    private void topics(List<String> lines) {
        List<TopicRow> topics = now.topics().topics();
        if (topics.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%-40s%12s   %s", "topic", "members", "nodes"));
        topics.stream()
                .limit(MAX_ROWS)
                .forEach(topic -> lines.add(String.format(
                        Locale.ROOT,
                        "%-40s%12s   %s",
                        ControlCharacters.escaped(topic.topic()),
                        number(topic.members()) + (topic.part() ? "+" : ""),
                        topic.nodes().stream()
                                .map(node -> node.name() + " " + number(node.count()))
                                .collect(Collectors.joining(", ")))));
    }

    private void handlers(List<String> lines) {
        List<HandlerRow> handlers = now.handlers().handlers();
        if (handlers.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%-40s%12s%12s%12s", "handler", "calls", "p50", "p99"));
        handlers.stream()
                .limit(MAX_ROWS)
                .forEach(each -> lines.add(String.format(
                        Locale.ROOT,
                        "%-40s%12s%12s%12s",
                        ControlCharacters.escaped(each.title()),
                        number(each.perSecond()) + "/s",
                        quantile(each, 0.5),
                        quantile(each, 0.99))));
    }

    private static String quantile(HandlerRow handler, double quantile) {
        double rank = handler.calls() * quantile;
        long sum = 0;
        int bucket = 0;
        while (bucket < handler.buckets().size() - 1
                && (sum += handler.buckets().get(bucket)) < rank) {
            bucket++;
        }
        double micros = Math.scalb(1.0, bucket);
        if (micros < 1_000) {
            return "< " + number(micros) + " us";
        }
        return micros < 1_000_000
                ? "< " + number(Math.rint(micros / 1_000)) + " ms"
                : "< " + number(Math.rint(micros / 1_000_000)) + " s";
    }
}
