package io.heliodor.playground;

import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;

/** The key of tokens, by which {@code token} signs and {@code private:*} verifies. */
final class Keys {
    /** A public key for tests. */
    private static final String DEVELOPMENT = "the playground's development key, which is not a secret";

    private Keys() {}

    /**
     * Tokens that contain the name of a user.
     *
     * @throws IllegalArgumentException if {@code HELIODOR_SECRET} is not a valid secret; the message gives the reason
     */
    static Tokens<String> tokens() {
        String given = System.getenv("HELIODOR_SECRET");
        try {
            return tokens(given == null ? DEVELOPMENT : given);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("HELIODOR_SECRET: " + e.getMessage(), e);
        }
    }

    /** Whether tokens are signed with the key that everybody knows. */
    static boolean isDevelopment() {
        return System.getenv("HELIODOR_SECRET") == null;
    }

    static Tokens<String> tokens(String secret) {
        return Tokens.of(String.class, "playground").secrets(Secret.of(secret)).build();
    }
}
