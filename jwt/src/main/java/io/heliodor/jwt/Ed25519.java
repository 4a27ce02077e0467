package io.heliodor.jwt;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;

/** Signatures of Ed25519 (RFC 8032) by the JDK: Nimbus would need Tink. */
final class Ed25519 {
    private static final String NAME = "Ed25519";
    private static final int KEY_BYTES = 32;

    private Ed25519() {}

    /** Whether a public key, encoded as in RFC 8032, has signed a message. */
    static boolean verifies(byte[] key, byte[] message, byte[] signature) {
        if (key.length != KEY_BYTES) {
            return false;
        }
        try {
            Signature check = Signature.getInstance(NAME);
            check.initVerify(decode(key));
            check.update(message);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a key or a signature that cannot be valid
        }
    }

    /** The y coordinate of a point, little-endian; the last bit is the sign of x. */
    private static PublicKey decode(byte[] key) throws GeneralSecurityException {
        byte[] y = new byte[KEY_BYTES];
        for (int i = 0; i < KEY_BYTES; i++) {
            y[i] = key[KEY_BYTES - 1 - i];
        }
        boolean xOdd = y[0] < 0;
        y[0] &= 0x7f;
        EdECPoint point = new EdECPoint(xOdd, new BigInteger(1, y));
        return KeyFactory.getInstance(NAME).generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
    }
}
