package io.heliodor.wire;

import java.util.Optional;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Settings of a mapper with which the JSON of a type is another one in each place, so that no contract can promise it. */
final class MapperSettings {
    private MapperSettings() {}

    /** The first such setting, with what to write instead. */
    static Optional<String> problem(JsonMapper mapper) {
        if (mapper.isEnabled(SerializationFeature.WRAP_ROOT_VALUE)
                || mapper.isEnabled(DeserializationFeature.UNWRAP_ROOT_VALUE)) {
            return Optional.of(
                    "The mapper has WRAP_ROOT_VALUE or UNWRAP_ROOT_VALUE, and the payload of an event would have"
                            + " another form than its type; disable both, and write a record with one component instead.");
        }
        if (mapper.isEnabled(SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED)) {
            return Optional.of(
                    "The mapper has WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED, and clients would get an element in the"
                            + " place of a list; disable it.");
        }
        int json = mapper.serializationConfig().getFormatWriteFeatures();
        if (JsonWriteFeature.WRITE_NUMBERS_AS_STRINGS.enabledIn(json)) {
            return Optional.of(
                    "The mapper has WRITE_NUMBERS_AS_STRINGS, and its numbers would not be read back; disable it,"
                            + " and write @JsonFormat(shape = STRING) at numbers beyond 2^53.");
        }
        if (!JsonWriteFeature.QUOTE_PROPERTY_NAMES.enabledIn(json)) {
            return Optional.of("The mapper has no QUOTE_PROPERTY_NAMES, and would not write JSON; enable it.");
        }
        return Optional.empty();
    }
}
