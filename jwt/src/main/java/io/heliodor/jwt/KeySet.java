package io.heliodor.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The public keys of a JWKS that verify signatures. */
record KeySet(List<VerificationKey> keys) implements KeySource {
    static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA);

    /** The public part of a set, without its secrets. */
    static KeySet of(JWKSet all) {
        return new KeySet(all.toPublicJWKSet().getKeys().stream()
                .flatMap(key -> VerificationKey.of(key).stream())
                .toList());
    }

    @Override
    public Set<JWSAlgorithm> algorithms() {
        return ALGORITHMS;
    }

    /** A token without {@code kid} needs a set that has one key of its algorithm: the keys are not tried in turn. */
    @Override
    public Optional<VerificationKey> find(JWSHeader header) {
        String id = header.getKeyID();
        List<VerificationKey> found = keys.stream()
                .filter(key -> key.isFor(header))
                .filter(key -> id == null || id.equals(key.key().getKeyID()))
                .limit(2)
                .toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }
}
