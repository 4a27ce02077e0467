package io.heliodor.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tokens of a test issuer for the application {@code desk}. */
final class TestToken {
    static final String ISSUER = "https://idp.example.com/realms/x";
    static final String AUDIENCE = "desk";
    static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    private TestToken() {}

    /** Valid claims for five minutes. */
    static Map<String, Object> claims() {
        return claims(ISSUER);
    }

    static Map<String, Object> claims(String issuer) {
        return new HashMap<>(Map.of(
                "iss",
                issuer,
                "aud",
                AUDIENCE,
                "sub",
                "42",
                "exp",
                NOW.getEpochSecond() + 300,
                "roles",
                List.of("ops")));
    }

    /** Valid claims, one of which is another; null removes it. */
    static Map<String, Object> claimsWith(String name, Object value) {
        Map<String, Object> claims = claims();
        if (value == null) {
            claims.remove(name);
        } else {
            claims.put(name, value);
        }
        return claims;
    }

    static String sign(JWSHeader header, Map<String, Object> claims, JWSSigner signer) {
        try {
            JWSObject token = new JWSObject(header, new Payload(claims));
            token.sign(signer);
            return token.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static String jwks(JWK... keys) {
        return new JWKSet(List.of(keys)).toString(false);
    }
}
