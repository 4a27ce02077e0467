package io.heliodor.jwt;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetParseException;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that an issuer publishes, fetched anew each time: from a given address, or from the one in the metadata of the issuer (OpenID Connect
 * Discovery).
 */
final class PublishedKeys implements JWKSetSource<SecurityContext> {
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

    @Override
    public JWKSet getJWKSet(JWKSetCacheRefreshEvaluator refresh, long now, @Nullable SecurityContext context)
            throws JWKSetUnavailableException {
        URI keys = address.isPresent() ? address.get() : discovered();
        String text = read(keys);
        try {
            return reported(JwksDocument.parse(text), keys);
        } catch (ParseException | RuntimeException e) { // Nimbus throws others for JSON that is not an object
            throw new JWKSetParseException(keys + " has no JWKS: " + e.getMessage(), e);
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

    private URI discovered() throws JWKSetUnavailableException {
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
            throw new JWKSetParseException(metadata + " is not the metadata of the issuer: " + e.getMessage(), e);
        }
    }

    private static URI metadata(String issuer) {
        String path = ".well-known/openid-configuration";
        return URI.create(issuer.endsWith("/") ? issuer + path : issuer + "/" + path);
    }

    private String read(URI from) throws JWKSetUnavailableException {
        try {
            return fetch.get(from);
        } catch (IOException e) {
            throw new JWKSetRetrievalException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {}
}
