package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/** The secret that opens the dashboard. Its text is in no log and no {@code toString}. */
final class AccessToken {
    private static final int MIN_LENGTH = 16;
    private static final int MAX_LENGTH = 256;
    private static final int RANDOM_BYTES = 32;

    private final String text;
    private final byte[] digest;

    private AccessToken(String text) {
        this.text = text;
        this.digest = digest(text);
    }

    static AccessToken of(String text) {
        if (text.length() < MIN_LENGTH || text.length() > MAX_LENGTH || !text.matches("[\\w.~-]+")) {
            throw new IllegalArgumentException("A token of the dashboard has " + MIN_LENGTH + " to " + MAX_LENGTH
                    + " letters, digits and signs of . _ ~ -; the given one has "
                    + text.length() + " characters.");
        }
        return new AccessToken(text);
    }

    static AccessToken random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return new AccessToken(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    String text() {
        return text;
    }

    /** Whether a client has the token. The time depends on neither of the two texts, but for the length of the client's. */
    boolean matches(Optional<String> given) {
        return given.filter(each -> MessageDigest.isEqual(digest, digest(each))).isPresent();
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("each JDK has it", e);
        }
    }

    @Override
    public String toString() {
        return "AccessToken";
    }
}
