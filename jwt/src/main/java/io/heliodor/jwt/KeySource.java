package io.heliodor.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import java.util.List;
import java.util.Set;

/** Returns the keys for a token. */
interface KeySource {
    /** The algorithms that its keys can have. */
    Set<JWSAlgorithm> algorithms();

    /**
     * The keys that may have signed the token of a header: those of its algorithm that it names, usually one. May block.
     *
     * @param header has an algorithm that the application accepts
     * @throws KeySourceException if keys cannot be fetched now, so that it is not known which there are
     */
    List<VerificationKey> find(JWSHeader header) throws KeySourceException;

    /** The number of keys that were ignored because they cannot be read, when the keys were read for the last time. */
    default int ignored() {
        return 0;
    }
}
