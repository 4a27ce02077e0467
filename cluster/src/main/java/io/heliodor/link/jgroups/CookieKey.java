package io.heliodor.link.jgroups;

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
 * The key that a cookie is: whoever knows cookie and cluster has the same one. Made slowly on purpose, for a certificate
 * is shown to anybody and a weak cookie could be guessed from it.
 *
 * @param keys Ed25519
 * @param certificate carries the public key
 */
record CookieKey(KeyPair keys, X509Certificate certificate) {
    static final int LEAST_LENGTH = 16;
    static final int LEAST_DIFFERENT = 8;
    private static final int ROUNDS = 600_000;
    private static final int SEED_BITS = 256;

    /** Takes some tenths of a second. */
    static CookieKey of(String cookie, String cluster) {
        try {
            byte[] salt = ("heliodor link 1 " + cluster).getBytes(StandardCharsets.UTF_8);
            PBEKeySpec spec = new PBEKeySpec(cookie.toCharArray(), salt, ROUNDS, SEED_BITS);
            byte[] seed = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            spec.clearPassword();
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(255, new Fixed(seed));
            KeyPair keys = generator.generateKeyPair();
            // That a generator takes the bytes of its source as they are is promised nowhere.
            byte[] taken = ((EdECPrivateKey) keys.getPrivate()).getBytes().orElseThrow();
            if (!Arrays.equals(seed, taken)) {
                throw new IllegalStateException("This Java makes Ed25519 keys in a way that is not known; no key can be"
                        + " made from the cookie.");
            }
            return new CookieKey(keys, SelfSignedCertificate.of(keys));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java lacks what a key is made of.", e);
        }
    }

    PublicKey publicKey() {
        return keys.getPublic();
    }

    /**
     * Checks that a cookie is good enough for where it is used.
     *
     * @throws WireException with {@link WireException.Code#BAD_COOKIE}
     */
    static void check(String cookie, boolean loopback) throws WireException {
        int least = loopback ? LEAST_DIFFERENT : LEAST_LENGTH;
        int length = cookie.codePointCount(0, cookie.length());
        if (length < least) {
            throw bad("The cookie has " + length + " characters; it must have at least " + least + ".");
        }
        long different = cookie.codePoints().distinct().count();
        if (different < LEAST_DIFFERENT) {
            throw bad("The cookie has " + different + " different characters; it must have at least " + LEAST_DIFFERENT
                    + ".");
        }
    }

    static WireException bad(String problem) {
        return new WireException(WireException.Code.BAD_COOKIE, problem);
    }

    /** Not random at all: gives the seed, once. */
    private static final class Fixed extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final byte[] seed;

        Fixed(byte[] seed) {
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
