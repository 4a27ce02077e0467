package io.heliodor.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A number that can be read at any time, and how it is shown.
 *
 * @param unit what it is measured in; empty where things are counted
 */
record Reading(MeterRegistry registry, String name, String unit, String description, Tags tags) {
    private @Nullable String baseUnit() {
        return unit.isEmpty() ? null : unit;
    }

    /** As a number that goes up and down. */
    <T> void gauge(T source, ToDoubleFunction<T> reading) {
        Gauge.builder(name, source, reading)
                .description(description)
                .baseUnit(baseUnit())
                .tags(tags)
                .register(registry);
    }

    /** As a number that only grows. */
    <T> void counter(T source, ToDoubleFunction<T> reading) {
        FunctionCounter.builder(name, source, reading)
                .description(description)
                .baseUnit(baseUnit())
                .tags(tags)
                .register(registry);
    }
}
