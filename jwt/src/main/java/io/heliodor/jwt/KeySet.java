package io.heliodor.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The public keys of a JWKS that verify signatures. */
record KeySet(List<VerificationKey> keys) implements KeySource {
    /** The public part of a set, without its secrets. */
    static KeySet of(JWKSet all) {
        return new KeySet(all.toPublicJWKSet().getKeys().stream()
                .flatMap(key -> VerificationKey.of(key).stream())
                .toList());
    }

    @Override
    public Set<JWSAlgorithm> algorithms() {
        return keys.stream().flatMap(key -> key.algorithms().stream()).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * A token without {@code kid} needs a set that has one key of its algorithm: the keys are not tried in turn. A key that the set has twice is
     * one. Different keys may have one name (RFC 7517, section 4.5), and then each may have signed the token.
     */
    @Override
    public List<VerificationKey> find(JWSHeader header) {
        String id = header.getKeyID();
        List<VerificationKey> found = keys.stream()
                .filter(key -> key.isFor(header))
                .filter(key -> id == null || id.equals(key.key().getKeyID()))
                .toList();
        boolean isAmbiguous = id == null
                && found.stream()
                                .map(key -> key.key().getRequiredParams())
                                .distinct()
                                .count()
                        > 1;
        return isAmbiguous ? List.of() : found;
    }
}
