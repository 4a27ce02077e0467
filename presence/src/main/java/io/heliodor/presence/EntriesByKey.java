package io.heliodor.presence;

import io.heliodor.presence.crdt.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Entries in lists by their keys. */
final class EntriesByKey {
    private EntriesByKey() {}

    /** Their values by key, in the order of the entries. */
    static <M, V> Map<String, List<V>> of(Iterable<Entry<M>> entries, Function<Entry<M>, V> value) {
        Map<String, List<V>> byKey = new LinkedHashMap<>();
        for (Entry<M> entry : entries) {
            byKey.computeIfAbsent(entry.key(), key -> new ArrayList<>(1)).add(value.apply(entry));
        }
        return byKey;
    }
}
