package io.heliodor.presence;

import io.heliodor.presence.crdt.Entries;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The presences of one topic at one moment, as an immutable map over them: what is not read costs nothing. */
final class PresentMap<M> extends AbstractMap<String, List<M>> {
    private final Entries<M> entries;

    PresentMap(Entries<M> entries) {
        this.entries = entries;
    }

    private static <M> List<M> metas(List<io.heliodor.presence.crdt.Entry<M>> ofKey) {
        return ofKey.stream().map(entry -> entry.meta()).toList();
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
    public @Nullable List<M> get(@Nullable Object key) {
        List<M> metas = key instanceof String text ? metas(entries.get(text)) : List.of();
        return metas.isEmpty() ? null : metas;
    }

    @Override
    public Set<Map.Entry<String, List<M>>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return PresentMap.this.size();
            }

            @Override
            public Iterator<Map.Entry<String, List<M>>> iterator() {
                var byKey = entries.byKey();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return byKey.hasNext();
                    }

                    @Override
                    public Map.Entry<String, List<M>> next() {
                        var ofKey = byKey.next();
                        return Map.entry(ofKey.getFirst().key(), metas(ofKey));
                    }
                };
            }
        };
    }
}
