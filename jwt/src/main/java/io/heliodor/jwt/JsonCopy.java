package io.heliodor.jwt;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Immutable copies of JSON objects, without nulls. */
final class JsonCopy {
    private JsonCopy() {}

    static Map<String, Object> of(Map<?, ?> object) {
        Map<String, Object> copy = new LinkedHashMap<>();
        object.forEach((name, value) -> {
            if (value != null) {
                copy.put((String) name, value(value));
            }
        });
        return Collections.unmodifiableMap(copy);
    }

    private static Object value(Object value) {
        return switch (value) {
            case Map<?, ?> object -> of(object);
            case List<?> list ->
                list.stream().filter(Objects::nonNull).map(JsonCopy::value).toList();
            default -> value;
        };
    }
}
