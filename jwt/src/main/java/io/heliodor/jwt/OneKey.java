package io.heliodor.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import java.util.List;
import java.util.Set;

/** A key that has no name, so that the name in a token does not count. */
record OneKey(VerificationKey key) implements KeySource {
    @Override
    public Set<JWSAlgorithm> algorithms() {
        return key.algorithms();
    }

    @Override
    public List<VerificationKey> find(JWSHeader header) {
        return key.isFor(header) ? List.of(key) : List.of();
    }
}
