package io.heliodor.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key that verifies signatures, with its algorithm. The type of the key determines the algorithm, so a token cannot choose to use a public
 * key as a secret.
 */
record VerificationKey(JWK key, JWSAlgorithm algorithm) {
    private static final int MIN_RSA_BITS = 2_048;

    /** The key; empty if it is too weak, of another type, or meant for another use or algorithm. */
    static Optional<VerificationKey> of(JWK key) {
        JWSAlgorithm algorithm = algorithm(key);
        if (algorithm == null
                || !isNullOr(key.getAlgorithm(), algorithm)
                || !isNullOr(key.getKeyUse(), KeyUse.SIGNATURE)
                || !(key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY))) {
            return Optional.empty();
        }
        return Optional.of(new VerificationKey(key, algorithm));
    }

    private static boolean isNullOr(@Nullable Object given, Object expected) {
        return given == null || given.equals(expected);
    }

    private static @Nullable JWSAlgorithm algorithm(JWK key) {
        return switch (key) {
            case RSAKey rsa when rsa.size() >= MIN_RSA_BITS -> JWSAlgorithm.RS256;
            case ECKey ec when ec.getCurve().equals(Curve.P_256) -> JWSAlgorithm.ES256;
            case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) -> JWSAlgorithm.EdDSA;
            case OctetSequenceKey _ -> JWSAlgorithm.HS256;
            default -> null;
        };
    }

    boolean isFor(JWSHeader header) {
        return algorithm.equals(header.getAlgorithm());
    }

    /** Whether the key has signed the token, whose algorithm is that of the key. */
    boolean verifies(SignedJWT token) {
        try {
            return switch (key) {
                case RSAKey rsa -> token.verify(new RSASSAVerifier(rsa));
                case ECKey ec -> token.verify(new ECDSAVerifier(ec));
                case OctetKeyPair pair ->
                    Ed25519.verifies(
                            pair.getDecodedX(),
                            token.getSigningInput(),
                            token.getSignature().decode());
                case OctetSequenceKey secret -> token.verify(new MACVerifier(secret));
                default -> false;
            };
        } catch (JOSEException e) {
            return false;
        }
    }
}
