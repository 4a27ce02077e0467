package io.heliodor.once;

import java.nio.ByteBuffer;

/**
 * A hash of a call's topic, name and payload: two calls with the same key are repeats if it is equal.
 *
 * @param high its first 64 bits
 * @param low its last 64 bits
 */
public record Fingerprint(long high, long low) {
    /**
     * The first 16 bytes of a hash.
     *
     * @param hash 16 bytes or more
     * @return the fingerprint
     */
    public static Fingerprint of(byte[] hash) {
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        return new Fingerprint(bytes.getLong(), bytes.getLong());
    }
}
