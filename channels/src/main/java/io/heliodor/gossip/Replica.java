package io.heliodor.gossip;

import java.util.Collection;

/**
 * The copy of one node. Merging is associative, commutative and idempotent, so that copies which merge each other's entries
 * become equal (a state-based CRDT). Any thread may call it, and no call blocks for long.
 *
 * @param <E> the type of its entries
 */
public interface Replica<E> {
    /**
     * Merges an entry, which may be known.
     *
     * @param entry from this node or another
     */
    void merge(E entry);

    /**
     * Finds an entry again.
     *
     * @param entry the entry
     * @return its key
     */
    String key(E entry);

    /**
     * A {@link EntryHash} of an entry.
     *
     * @param entry the entry
     * @return the same on two nodes when they have the same entry; 0 for an entry that need not be on both
     */
    long hash(E entry);

    /**
     * The entries that others may lack.
     *
     * @param key the entries after this one; the empty text for all
     * @return in the order of their keys; at least the first 100 000
     */
    Collection<E> after(String key);

    /**
     * The sum of the hashes of all entries.
     *
     * @return the same on two nodes when they have the same entries
     */
    long hash();
}
