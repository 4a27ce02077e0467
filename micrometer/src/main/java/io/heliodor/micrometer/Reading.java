package io.heliodor.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A readable value with its description as a meter.
 *
 * @param unit the unit of measurement; empty for a count
 */
record Reading(MeterRegistry registry, String name, String unit, String description, Tags tags) {
    private @Nullable String baseUnit() {
        return unit.isEmpty() ? null : unit;
    }

    /** Registers the value as a gauge. */
    <T> void gauge(T source, ToDoubleFunction<T> reading) {
        Gauge.builder(name, source, reading)
                .description(description)
                .baseUnit(baseUnit())
                .tags(tags)
                .register(registry);
    }

    /** Registers the value as a counter. */
    <T> void counter(T source, ToDoubleFunction<T> reading) {
        FunctionCounter.builder(name, source, reading)
                .description(description)
                .baseUnit(baseUnit())
                .tags(tags)
                .register(registry);
    }
}
