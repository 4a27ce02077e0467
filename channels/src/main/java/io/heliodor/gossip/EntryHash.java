package io.heliodor.gossip;

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
        long hash = 0xcbf29ce484222325L; // FNV-1a, by Fowler, Noll and Vo
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
        }
        return mixed(hash + mixed(number));
    }

    /** The finalizer of MurmurHash3, by Appleby. */
    private static long mixed(long bits) {
        long mixed = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
