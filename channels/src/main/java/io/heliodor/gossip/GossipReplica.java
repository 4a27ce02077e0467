package io.heliodor.gossip;

import java.util.Collection;

/**
 * The replica of a set of entries on one node, a state-based CRDT: merging is associative, commutative and idempotent. So replicas that
 * merge each other's entries become equal. Any thread may call it, and no call blocks for long.
 *
 * @param <E> the type of its entries
 */
public interface GossipReplica<E> {
    /**
     * Merges an entry, which may be known already.
     *
     * @param entry an entry of any node
     */
    void merge(E entry);

    /**
     * The key of an entry.
     *
     * @param entry the entry
     * @return its key
     */
    String key(E entry);

    /**
     * The {@link EntryHash} of an entry.
     *
     * @param entry the entry
     * @return a hash that is equal on two nodes for the same entry; 0 for an entry that other nodes need not have
     */
    long hash(E entry);

    /**
     * The entries.
     *
     * @return entries in the order of their keys; at least the first 100 000
     */
    Collection<E> all();

    /**
     * The hash of this replica: the sum of the hashes of its entries.
     *
     * @return a hash that is equal on two nodes with the same entries
     */
    long hash();
}
