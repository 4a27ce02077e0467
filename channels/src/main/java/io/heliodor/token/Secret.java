package io.heliodor.token;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import java.util.stream.IntStream;

/** The secret with which tokens are signed and verified. {@code toString} does not contain it. */
public final class Secret {
    private static final int MIN_BYTES = 32;
    private static final int MIN_DIFFERENT = 8;

    private final byte[] bytes;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * A secret from a configuration.
     *
     * @param text at least 32 bytes in UTF-8, such as the result of {@link #fresh}
     * @return the secret
     * @throws IllegalArgumentException if it is too short, or has fewer than 8 different bytes and can be guessed
     */
    public static Secret of(String text) {
        return of(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A secret from bytes.
     *
     * @param bytes at least 32; copied
     * @return the secret
     * @throws IllegalArgumentException if they are too few, or fewer than 8 of them differ and they can be guessed
     */
    public static Secret of(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        if (bytes.length < MIN_BYTES) {
            throw new IllegalArgumentException("A secret of " + bytes.length + " bytes is too short; take at least "
                    + MIN_BYTES + ": Secret.fresh() makes one.");
        }
        byte[] copy = bytes.clone();
        if (different(copy) < MIN_DIFFERENT) {
            throw new IllegalArgumentException("A secret of fewer than " + MIN_DIFFERENT
                    + " different bytes can be guessed; take a random one: Secret.fresh() makes one.");
        }
        return new Secret(copy);
    }

    private static long different(byte[] bytes) {
        return IntStream.range(0, bytes.length).map(at -> bytes[at]).distinct().count();
    }

    /**
     * A new random secret as text, for a configuration.
     *
     * @return 64 characters for {@link #of(String)}
     */
    public static String fresh() {
        byte[] random = new byte[48];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return "Secret[" + bytes.length + " bytes]";
    }
}
