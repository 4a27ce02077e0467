package io.heliodor.playground;

import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;

/** The key that {@code token} signs with and {@code private:*} asks for. */
final class Keys {
    /** Known to everybody: for trying things out. */
    private static final String DEVELOPMENT = "the playground's development key, which is no secret";

    private Keys() {}

    /**
     * Tokens that carry a user's name.
     *
     * @throws IllegalArgumentException if {@code HELIODOR_SECRET} is not good enough, saying why
     */
    static Tokens<String> tokens() {
        String given = System.getenv("HELIODOR_SECRET");
        try {
            return tokens(given == null ? DEVELOPMENT : given);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("HELIODOR_SECRET: " + e.getMessage(), e);
        }
    }

    static Tokens<String> tokens(String secret) {
        return Tokens.of(String.class, "playground").secrets(Secret.of(secret)).build();
    }
}
