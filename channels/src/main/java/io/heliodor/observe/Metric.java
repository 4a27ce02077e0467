package io.heliodor.observe;

import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A counter or gauge of an endpoint. Neither its name nor its reason comes from a client, so the number of metrics is fixed.
 *
 * <p>Any thread may read it; reading takes no lock and does not block.
 *
 * @param name the name, such as {@code heliodor.connections}: lower case, words separated by dots
 * @param reason the tag that distinguishes metrics of one name, such as {@code slow} of {@code heliodor.connections.closed}
 * @param kind counter or gauge
 * @param unit {@code bytes} or {@code seconds}; empty for a number of objects or events
 * @param description one sentence
 * @param reading returns the value
 */
public record Metric(
        String name, Optional<String> reason, Kind kind, String unit, String description, LongSupplier reading) {
    /** Checks that no value is null. */
    public Metric {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(reading, "reading");
    }

    /** The kinds of metrics. */
    public enum Kind {
        /** A present value, which rises and falls. */
        GAUGE,
        /** A number since the start, which never falls. */
        COUNTER
    }

    /**
     * Reads the metric.
     *
     * @return its present value
     */
    public long value() {
        return reading.getAsLong();
    }
}
