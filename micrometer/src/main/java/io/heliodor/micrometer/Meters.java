package io.heliodor.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Registers the readable values of one object as meters, which do not keep it alive. A unit that is empty means a count.
 *
 * @param tags of each meter
 * @param source the object
 */
record Meters<T>(MeterRegistry registry, Tags tags, T source) {
    Gauge gauge(String name, String unit, String description, ToDoubleFunction<T> reading) {
        return Gauge.builder(name, source, reading)
                .description(description)
                .baseUnit(baseUnit(unit))
                .tags(tags)
                .register(registry);
    }

    FunctionCounter counter(String name, String unit, String description, ToDoubleFunction<T> reading) {
        return FunctionCounter.builder(name, source, reading)
                .description(description)
                .baseUnit(baseUnit(unit))
                .tags(tags)
                .register(registry);
    }

    private static @Nullable String baseUnit(String unit) {
        return unit.isEmpty() ? null : unit;
    }
}
