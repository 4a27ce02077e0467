package io.heliodor.presence.crdt;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * The entries of one topic by key. Immutable. Iteration returns the entries of a key together, ordered by replica, then by counter.
 * The order of keys depends on the set of keys only.
 *
 * @param <M> the type of the metas
 */
public final class Entries<M> implements TopicEntries<M>, Iterable<Entry<M>> {
    private static final Entries<?> NONE = new Entries<>(Trie.empty(), 0);

    private final Trie<KeyEntries<M>> keys;
    private final int size;

    private Entries(Trie<KeyEntries<M>> keys, int size) {
        this.keys = keys;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // nothing is in it
    static <M> Entries<M> none() {
        return (Entries<M>) NONE;
    }

    static <M> Entries<M> of(Entry<M> one) {
        return Entries.<M>none().plus(one);
    }

    /** The number of keys. */
    public int keys() {
        return keys.size();
    }

    /** The number of entries. */
    public int size() {
        return size;
    }

    /** The entries of a key, in order; empty if there are none. */
    public List<Entry<M>> get(String key) {
        return KeyEntries.list(keys.get(key));
    }

    @Override
    public Iterator<Entry<M>> iterator() {
        Iterator<List<Entry<M>>> remaining = byKey();
        return new Iterator<>() {
            private Iterator<Entry<M>> ofKey = Collections.emptyIterator();

            @Override
            public boolean hasNext() {
                return ofKey.hasNext() || remaining.hasNext();
            }

            @Override
            public Entry<M> next() {
                if (!ofKey.hasNext()) {
                    ofKey = remaining.next().iterator();
                }
                return ofKey.next();
            }
        };
    }

    /** The entries of each key, in the order of iteration: lists with at least one entry. */
    public Iterator<List<Entry<M>>> byKey() {
        return lists(keys.iterator());
    }

    /**
     * The results of a function for the entries of each part of the keys, in the order of iteration. Parts without changes keep their
     * results. See {@link Trie#parts}.
     *
     * @param max the maximum number of keys of a part
     * @param encoder identifies the function; only results of the latest one are kept
     * @param encode a pure function of lists as {@link #byKey} returns them, at least one
     */
    public <T> List<T> parts(int max, Object encoder, Function<Iterator<List<Entry<M>>>, T> encode) {
        return keys.parts(max, encoder, part -> encode.apply(lists(part)));
    }

    private static <M> Iterator<List<Entry<M>>> lists(Iterator<KeyEntries<M>> remaining) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return remaining.hasNext();
            }

            @Override
            public List<Entry<M>> next() {
                return KeyEntries.list(remaining.next());
            }
        };
    }

    Entries<M> plus(Entry<M> added) {
        KeyEntries<M> present = keys.get(added.key());
        return new Entries<>(keys.put(added.key(), KeyEntries.plus(present, added)), size + 1);
    }

    /** These without an entry, which must be present. */
    Entries<M> minus(Entry<M> removed) {
        KeyEntries<M> left = KeyEntries.minus(Objects.requireNonNull(keys.get(removed.key())), removed);
        return new Entries<>(left == null ? keys.remove(removed.key()) : keys.put(removed.key(), left), size - 1);
    }
}
