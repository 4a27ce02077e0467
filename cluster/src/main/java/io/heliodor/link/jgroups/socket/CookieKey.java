package io.heliodor.link.jgroups.socket;

import io.heliodor.link.WireException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * The key pair that is derived from a cookie and the name of the cluster: all nodes with the same two have the same
 * one. The derivation is slow on purpose, because any client gets the certificate, and could guess a weak cookie from
 * it.
 *
 * @param keys Ed25519
 * @param certificate a self-signed certificate of the public key
 */
public record CookieKey(KeyPair keys, X509Certificate certificate) {
    static final int MIN_LENGTH = 16;
    static final int MIN_DISTINCT = 8;
    private static final int ROUNDS = 600_000;
    private static final int SEED_BITS = 256;

    /** Derives a key. Takes some tenths of a second. */
    public static CookieKey of(String cookie, String cluster) {
        try {
            byte[] salt = ("heliodor link 1 " + cluster).getBytes(StandardCharsets.UTF_8);
            PBEKeySpec spec = new PBEKeySpec(cookie.toCharArray(), salt, ROUNDS, SEED_BITS);
            byte[] seed = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            spec.clearPassword();
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(255, new SeedSource(seed));
            KeyPair keys = generator.generateKeyPair();
            // No specification guarantees that a generator takes the bytes of its source as they are.
            byte[] taken = ((EdECPrivateKey) keys.getPrivate()).getBytes().orElseThrow();
            if (!Arrays.equals(seed, taken)) {
                throw new IllegalStateException(
                        "This JVM derives Ed25519 keys in an unknown way; no key can be made" + " from the cookie.");
            }
            return new CookieKey(keys, SelfSignedCertificate.of(keys));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM lacks PBKDF2WithHmacSHA256 or Ed25519.", e);
        }
    }

    PublicKey publicKey() {
        return keys.getPublic();
    }

    /**
     * Checks that a cookie is strong enough for the address at which a node listens.
     *
     * @param loopback whether that is a loopback address, at which shorter cookies are accepted
     * @throws WireException with {@link WireException.Code#BAD_COOKIE}
     */
    public static void check(String cookie, boolean loopback) throws WireException {
        int min = loopback ? MIN_DISTINCT : MIN_LENGTH;
        int length = cookie.codePointCount(0, cookie.length());
        if (length < min) {
            throw bad("The cookie has " + length + " characters; it must have at least " + min + ".");
        }
        long distinct = cookie.codePoints().distinct().count();
        if (distinct < MIN_DISTINCT) {
            throw bad("The cookie has " + distinct + " different characters; it must have at least " + MIN_DISTINCT
                    + ".");
        }
    }

    private static WireException bad(String problem) {
        return new WireException(WireException.Code.BAD_COOKIE, problem);
    }

    /** A source for the generator that is not random: it returns the seed. */
    private static final class SeedSource extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final byte[] seed;

        SeedSource(byte[] seed) {
            this.seed = seed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (bytes.length != seed.length) {
                throw new IllegalStateException("Asked for " + bytes.length + " bytes, has " + seed.length + ".");
            }
            System.arraycopy(seed, 0, bytes, 0, seed.length);
        }
    }
}
