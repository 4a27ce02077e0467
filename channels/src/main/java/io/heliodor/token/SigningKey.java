package io.heliodor.token;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/** A key for the tokens of one purpose: HMAC with SHA-256, derived from a secret by HKDF (RFC 2104, RFC 5869). */
final class SigningKey {
    private static final String HMAC = "HmacSHA256";
    private static final int BYTES = 32;

    private final SecretKey key;

    private SigningKey(SecretKey key) {
        this.key = key;
    }

    /** Derives the key of a purpose. Tokens for one purpose are not valid for another. */
    static SigningKey of(Secret secret, String purpose) {
        try {
            SecretKey derived = KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            HMAC,
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(secret.bytes())
                                    .thenExpand(
                                            ("heliodor token\n" + purpose).getBytes(StandardCharsets.UTF_8), BYTES));
            return new SigningKey(derived);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM lacks HKDF or HMAC with SHA-256.", e);
        }
    }

    byte[] sign(byte[] content) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM lacks HMAC with SHA-256.", e);
        }
    }
}
