package io.heliodor.jwt;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that an issuer publishes, fetched anew each time: from a given address, or from the one in the metadata of the issuer (OpenID Connect
 * Discovery).
 */
final class PublishedKeys {
    private static final Logger LOG = LoggerFactory.getLogger(Jwts.class);

    private final String issuer;
    private final Optional<URI> address;
    private final Fetch fetch;

    /** Of the last set that was read. */
    private volatile int ignored;

    /** The fault of that set. An issuer may have it for months, so it is logged when it begins. */
    private volatile String fault = "";

    PublishedKeys(String issuer, Optional<URI> address, Fetch fetch) {
        this.issuer = issuer;
        this.address = address;
        this.fetch = fetch;
    }

    /** The keys now. Blocks for two documents, each twice: a failure is repeated once. */
    JWKSet fetch() throws KeySourceException {
        try {
            return fetchOnce();
        } catch (KeySourceException e) {
            return fetchOnce();
        }
    }

    private JWKSet fetchOnce() throws KeySourceException {
        URI keys = address.isPresent() ? address.get() : discovered();
        String text = read(keys);
        try {
            return reported(JwksDocument.parse(text), keys);
        } catch (ParseException | RuntimeException e) { // Nimbus throws others for JSON that is not an object
            throw new KeySourceException(keys + " has no JWKS: " + e.getMessage(), e);
        }
    }

    private JWKSet reported(JwksDocument read, URI keys) {
        ignored = read.ignored();
        if (ignored > 0 && !read.fault().equals(fault)) {
            LOG.warn("{} of the keys at {} cannot be read and are ignored: {}", ignored, keys, read.fault());
        }
        fault = read.fault();
        return read.keys();
    }

    int ignored() {
        return ignored;
    }

    private URI discovered() throws KeySourceException {
        URI metadata = metadata(issuer);
        String text = read(metadata);
        try {
            Map<String, Object> found = JSONObjectUtils.parse(text);
            if (!issuer.equals(found.get("issuer"))) {
                throw new IllegalArgumentException("its issuer is not " + issuer);
            }
            URI keys = URI.create(JSONObjectUtils.getString(found, "jwks_uri"));
            if (!Addresses.isTrusted(keys)) {
                throw new IllegalArgumentException("its jwks_uri is not one of https");
            }
            return keys;
        } catch (ParseException | RuntimeException e) {
            throw new KeySourceException(metadata + " is not the metadata of the issuer: " + e.getMessage(), e);
        }
    }

    private static URI metadata(String issuer) {
        String path = ".well-known/openid-configuration";
        return URI.create(issuer.endsWith("/") ? issuer + path : issuer + "/" + path);
    }

    private String read(URI from) throws KeySourceException {
        try {
            return fetch.get(from);
        } catch (IOException e) {
            throw new KeySourceException(e.getMessage(), e);
        }
    }
}
