package io.heliodor.gossip;

import io.heliodor.binary.Fnv1a;

/** The hash of entries. The hash of a replica is the sum of those of its entries. */
public final class EntryHash {
    private EntryHash() {}

    /**
     * A hash of 64 bits. Each input bit changes about half of its bits, so that the sums of different entries differ.
     *
     * @param key the key of an entry
     * @param number its value or version
     * @return the hash
     */
    public static long of(String key, long number) {
        return mixed(Fnv1a.hash(key) + mixed(number));
    }

    /** The finalizer of MurmurHash3, by Appleby. */
    private static long mixed(long bits) {
        long mixed = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
