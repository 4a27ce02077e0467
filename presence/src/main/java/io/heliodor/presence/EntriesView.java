package io.heliodor.presence;

import io.heliodor.presence.announce.StateParts;
import io.heliodor.presence.crdt.Entries;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a topic at one moment as an immutable map from keys to lists of values. The values are computed when they are read,
 * each time.
 */
final class EntriesView<M, V> extends AbstractMap<String, List<V>> implements StateParts<V> {
    /** About 10 KB of JSON. A change costs the encoding of so many keys, and of the own keys of the nodes above them. */
    private static final int MAX_PART_KEYS = 128;

    private final Entries<M> entries;
    private final Function<List<io.heliodor.presence.crdt.Entry<M>>, List<V>> values;

    /**
     * A view.
     *
     * @param entries the entries of the topic
     * @param values computes the values of a key from its entries, of which there is at least one
     */
    EntriesView(Entries<M> entries, Function<List<io.heliodor.presence.crdt.Entry<M>>, List<V>> values) {
        this.entries = entries;
        this.values = values;
    }

    @Override
    public int size() {
        return entries.keys();
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    public @Nullable List<V> get(@Nullable Object key) {
        if (!(key instanceof String text)) {
            return null;
        }
        var ofKey = entries.get(text);
        return ofKey.isEmpty() ? null : values.apply(ofKey);
    }

    @Override
    public Set<Map.Entry<String, List<V>>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return entries.keys();
            }

            @Override
            public Iterator<Map.Entry<String, List<V>>> iterator() {
                return view(entries.byKey());
            }
        };
    }

    @Override
    public <T> List<T> encode(Object encoder, Function<Iterator<Map.Entry<String, List<V>>>, T> encode) {
        return entries.parts(MAX_PART_KEYS, encoder, part -> encode.apply(view(part)));
    }

    private Iterator<Map.Entry<String, List<V>>> view(Iterator<List<io.heliodor.presence.crdt.Entry<M>>> remaining) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return remaining.hasNext();
            }

            @Override
            public Map.Entry<String, List<V>> next() {
                var ofKey = remaining.next();
                return Map.entry(ofKey.getFirst().key(), values.apply(ofKey));
            }
        };
    }
}
