package io.heliodor.wire.schema;

import com.fasterxml.jackson.annotation.JsonFormat;
import org.jspecify.annotations.Nullable;

/** Formats that a property has by an annotation. */
final class Formats {
    private Formats() {}

    /** Whether a format changes the JSON of a value. */
    static boolean isSet(JsonFormat.@Nullable Value format) {
        return format != null && (format.hasPattern() || format.getShape() != JsonFormat.Shape.ANY);
    }
}
