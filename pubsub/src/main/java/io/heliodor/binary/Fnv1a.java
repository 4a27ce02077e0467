package io.heliodor.binary;

/** The hash FNV-1a of 64 bits, by Fowler, Noll and Vo. */
public final class Fnv1a {
    private Fnv1a() {}

    /**
     * Hashes characters, each as one unit: of a text in ASCII its bytes.
     *
     * @param units the characters
     * @return the hash
     */
    public static long hash(CharSequence units) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < units.length(); i++) {
            hash = (hash ^ units.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
