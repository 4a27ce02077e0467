package io.heliodor.dashboard;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Fields of answers that a node of another release may leave out. */
final class Absent {
    private Absent() {}

    static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    @SuppressWarnings("NullableOptional") // the mapper gives null for a field that is left out
    static <T> Optional<T> orEmpty(@Nullable Optional<T> value) {
        return value == null ? Optional.empty() : value;
    }
}
