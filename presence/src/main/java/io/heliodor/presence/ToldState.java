package io.heliodor.presence;

import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.crdt.Entries;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everybody on a topic as they are told, by key. A view: nothing of it is there before it is read. */
final class ToldState<M> extends AbstractMap<String, List<PresenceMeta>> {
    private final Entries<M> entries;
    private final long salt;

    ToldState(Entries<M> entries, long salt) {
        this.entries = entries;
        this.salt = salt;
    }

    @Override
    public @Nullable List<PresenceMeta> get(@Nullable Object key) {
        if (!(key instanceof String text)) {
            return null;
        }
        var ofKey = entries.get(text);
        return ofKey.isEmpty() ? null : EntryMeta.all(ofKey, salt);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    public Set<Map.Entry<String, List<PresenceMeta>>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, List<PresenceMeta>>> iterator() {
                return keys();
            }

            @Override
            public int size() {
                return entries.keys();
            }
        };
    }

    private Iterator<Map.Entry<String, List<PresenceMeta>>> keys() {
        var remaining = entries.byKey();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return remaining.hasNext();
            }

            @Override
            public Map.Entry<String, List<PresenceMeta>> next() {
                var ofKey = remaining.next();
                return Map.entry(ofKey.getFirst().key(), EntryMeta.all(ofKey, salt));
            }
        };
    }
}
