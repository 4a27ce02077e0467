package io.heliodor.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import java.util.Optional;
import java.util.Set;

/** Returns the key of a token. */
interface KeySource {
    /** The algorithms of its keys. */
    Set<JWSAlgorithm> algorithms();

    /**
     * The key that a header names. May block.
     *
     * @param header has one of the algorithms
     * @throws KeySourceException if the keys cannot be fetched
     */
    Optional<VerificationKey> find(JWSHeader header) throws KeySourceException;
}
