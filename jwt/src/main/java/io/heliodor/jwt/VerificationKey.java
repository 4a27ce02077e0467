package io.heliodor.jwt;

import static com.nimbusds.jose.JWSAlgorithm.ES256;
import static com.nimbusds.jose.JWSAlgorithm.ES384;
import static com.nimbusds.jose.JWSAlgorithm.ES512;
import static com.nimbusds.jose.JWSAlgorithm.Ed25519;
import static com.nimbusds.jose.JWSAlgorithm.EdDSA;
import static com.nimbusds.jose.JWSAlgorithm.HS256;
import static com.nimbusds.jose.JWSAlgorithm.HS384;
import static com.nimbusds.jose.JWSAlgorithm.HS512;
import static com.nimbusds.jose.JWSAlgorithm.PS256;
import static com.nimbusds.jose.JWSAlgorithm.PS384;
import static com.nimbusds.jose.JWSAlgorithm.PS512;
import static com.nimbusds.jose.JWSAlgorithm.RS256;
import static com.nimbusds.jose.JWSAlgorithm.RS384;
import static com.nimbusds.jose.JWSAlgorithm.RS512;

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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A key that verifies signatures, with its algorithms: those of its type, or the one that it names. So a token cannot choose to use a public
 * key as a secret.
 */
record VerificationKey(JWK key, Set<JWSAlgorithm> algorithms) {
    /** Those of a shared secret. */
    static final Set<JWSAlgorithm> SECRET = Set.of(HS256, HS384, HS512);

    /** Those of public keys. */
    static final Set<JWSAlgorithm> PUBLIC =
            Set.of(RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519);

    private static final int MIN_RSA_BITS = 2_048;

    private static final Set<JWSAlgorithm> RSA = Set.of(RS256, RS384, RS512, PS256, PS384, PS512);

    private static final Map<Curve, Set<JWSAlgorithm>> CURVES = Map.of(
            Curve.P_256, Set.of(ES256),
            Curve.P_384, Set.of(ES384),
            Curve.P_521, Set.of(ES512),
            Curve.Ed25519, Set.of(EdDSA, Ed25519));

    /** The bits that a secret needs for an algorithm (RFC 7518, section 3.2). */
    private static final Map<JWSAlgorithm, Integer> SECRET_BITS = Map.of(HS256, 256, HS384, 384, HS512, 512);

    /** The key; empty if it is too weak, of another type, or meant for another use or algorithm. */
    static Optional<VerificationKey> of(JWK key) {
        Set<JWSAlgorithm> algorithms = ofType(key).stream()
                .filter(algorithm ->
                        key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
                .collect(Collectors.toUnmodifiableSet());
        boolean verifies = (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
                && (key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY));
        return algorithms.isEmpty() || !verifies ? Optional.empty() : Optional.of(new VerificationKey(key, algorithms));
    }

    private static Set<JWSAlgorithm> ofType(JWK key) {
        return switch (key) {
            case RSAKey rsa when rsa.size() >= MIN_RSA_BITS -> RSA;
            case ECKey ec -> CURVES.getOrDefault(ec.getCurve(), Set.of());
            case OctetKeyPair pair -> CURVES.getOrDefault(pair.getCurve(), Set.of());
            case OctetSequenceKey secret ->
                SECRET.stream()
                        .filter(algorithm -> secret.size() >= SECRET_BITS.getOrDefault(algorithm, Integer.MAX_VALUE))
                        .collect(Collectors.toUnmodifiableSet());
            default -> Set.of();
        };
    }

    boolean isFor(JWSHeader header) {
        return algorithms.contains(header.getAlgorithm());
    }

    /** Whether the key has signed the token, whose algorithm is one of the key. */
    boolean verifies(SignedJWT token) {
        try {
            return switch (key) {
                case RSAKey rsa -> token.verify(new RSASSAVerifier(rsa));
                case ECKey ec -> token.verify(new ECDSAVerifier(ec));
                case OctetKeyPair pair ->
                    io.heliodor.jwt.Ed25519.verifies(
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
