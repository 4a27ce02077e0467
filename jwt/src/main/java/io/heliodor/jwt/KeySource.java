package io.heliodor.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import java.util.Optional;
import java.util.Set;

/** Returns the key of a token. */
interface KeySource {
    /** The algorithms that its keys can have. */
    Set<JWSAlgorithm> algorithms();

    /**
     * The key that a header names. May block.
     *
     * @param header has an algorithm that the application accepts
     * @throws KeySourceException if the keys cannot be fetched
     */
    Optional<VerificationKey> find(JWSHeader header) throws KeySourceException;

    /** The number of keys that were ignored because they cannot be read, when the keys were read for the last time. */
    default int ignored() {
        return 0;
    }
}
