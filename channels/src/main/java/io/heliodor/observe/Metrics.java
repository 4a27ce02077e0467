package io.heliodor.observe;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The counters and gauges of an endpoint.
 *
 * {@snippet lang="java" :
 * endpoint.metrics().value("heliodor.connections")
 * endpoint.metrics().value("heliodor.connections.closed", "slow")
 * }
 *
 * <p>Any thread may use it; no method blocks.
 *
 * @param all all metrics; the list never changes
 */
public record Metrics(List<Metric> all) {
    /** Copies the list. */
    public Metrics {
        Objects.requireNonNull(all, "all");
        all = List.copyOf(all);
    }

    /**
     * Reads a metric.
     *
     * @param name the name of the metric
     * @return its present value; the sum over all reasons if it has reasons
     * @throws IllegalArgumentException if no metric has this name; the text lists all names
     */
    public long value(String name) {
        Objects.requireNonNull(name, "name");
        return sum(name, metric -> metric.name().equals(name));
    }

    /**
     * Reads a metric with one reason.
     *
     * @param name the name of the metric
     * @param reason one of its reasons
     * @return its present value
     * @throws IllegalArgumentException if no metric has this name and reason; the text lists all names
     */
    public long value(String name, String reason) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(reason, "reason");
        Optional<String> of = Optional.of(reason);
        return sum(
                name + " " + reason,
                metric -> metric.name().equals(name) && metric.reason().equals(of));
    }

    private long sum(String title, Predicate<Metric> wanted) {
        List<Metric> found = all.stream().filter(wanted).toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("No metric is named '" + title + "'; the names are: "
                    + all.stream().map(Metrics::title).sorted().collect(Collectors.joining(", ")) + ".");
        }
        return found.stream().mapToLong(Metric::value).sum();
    }

    private static String title(Metric metric) {
        return metric.name() + metric.reason().map(reason -> " " + reason).orElse("");
    }

    /** The names and values of all metrics that are not zero. */
    @Override
    public String toString() {
        return all.stream()
                .filter(metric -> metric.value() != 0)
                .map(metric -> title(metric) + "=" + metric.value())
                .collect(Collectors.joining(", ", "Metrics[", "]"));
    }
}
