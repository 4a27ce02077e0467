package io.heliodor.jwt;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The checks of a token, in their order: size, form, header, signature, claims, expiry. */
record TokenCheck(
        KeySource keys,
        Set<JWSAlgorithm> algorithms,
        String issuer,
        Set<String> audiences,
        List<String> subjectClaim,
        Duration skew,
        InstantSource clock) {
    static final int MAX_CHARACTERS = 8_192;

    /** In Base64url. JSON has none (RFC 8259, section 8.1); Nimbus ignores it. */
    private static final String BYTE_ORDER_MARK = "77u_";

    /** The last second of the year 9999. */
    private static final long MAX_SECONDS = 253_402_300_799L;

    private static final Set<JOSEObjectType> TYPES =
            Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"));

    JwtOutcome verify(String token) {
        if (token.length() > MAX_CHARACTERS) {
            return new JwtOutcome.Invalid("the token has more than " + MAX_CHARACTERS + " characters");
        }
        if (!isCanonical(token)) {
            return new JwtOutcome.Invalid("the token is not a signed JWT");
        }
        SignedJWT signed;
        try {
            signed = SignedJWT.parse(token);
        } catch (ParseException | RuntimeException e) { // Nimbus throws others for a header that is null
            return new JwtOutcome.Invalid("the token is not a signed JWT");
        }
        JWSHeader header = signed.getHeader();
        if (header.getType() != null && !TYPES.contains(header.getType())) {
            return new JwtOutcome.Invalid("the token is of another type (typ)");
        }
        if (header.getCriticalParams() != null) {
            return new JwtOutcome.Invalid("the token needs an extension (crit)");
        }
        if (!algorithms.contains(header.getAlgorithm())) {
            return new JwtOutcome.Invalid("the algorithm of the token (alg) is not accepted");
        }
        return verify(signed, header);
    }

    /**
     * Whether the text is three parts in Base64url as its signer wrote them: without padding, space or other characters, and without bits that
     * are not used (RFC 7515, section 2). Otherwise one token would have many texts: Nimbus ignores what does not belong.
     */
    private static boolean isCanonical(String token) {
        String[] parts = token.split("\\.", -1);
        return parts.length == 3
                && Stream.of(parts).allMatch(TokenCheck::isCanonicalPart)
                && !parts[0].startsWith(BYTE_ORDER_MARK)
                && !parts[1].startsWith(BYTE_ORDER_MARK);
    }

    private static boolean isCanonicalPart(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private JwtOutcome verify(SignedJWT signed, JWSHeader header) {
        List<VerificationKey> candidates;
        try {
            candidates = keys.find(header);
        } catch (KeySourceException e) {
            return new JwtOutcome.Unavailable(String.valueOf(e.getMessage()));
        }
        if (candidates.isEmpty()) {
            return new JwtOutcome.Invalid(
                    header.getKeyID() == null
                            ? "the token names no key (kid), and not exactly one has its algorithm (alg)"
                            : "the key of the token, by its name (kid) and algorithm (alg), is not known");
        }
        if (candidates.stream().noneMatch(key -> key.verifies(signed))) {
            return new JwtOutcome.Invalid("the signature is not that of the key");
        }
        Map<String, Object> claims = signed.getPayload().toJSONObject();
        return claims == null ? new JwtOutcome.Invalid("the token has no claims") : claims(JsonCopy.of(claims));
    }

    private JwtOutcome claims(Map<String, Object> claims) {
        if (!issuer.equals(claims.get("iss"))) {
            return new JwtOutcome.Invalid(
                    claims.get("iss") == null
                            ? "the token has no issuer (iss)"
                            : "the token is of another issuer (iss)");
        }
        if (!isForUs(claims.get("aud"))) {
            return new JwtOutcome.Invalid(
                    claims.get("aud") == null
                            ? "the token has no audience (aud)"
                            : "the token is for another audience (aud)");
        }
        Object user = subject(claims);
        if (!(user instanceof String subject) || subject.isBlank()) {
            String claim = "(" + String.join(" ", subjectClaim) + ")";
            return new JwtOutcome.Invalid(
                    user == null || user instanceof String
                            ? "the token has no subject " + claim
                            : "the subject of the token " + claim + " is not a text");
        }
        Object end = claims.get("exp");
        if (end == null) {
            return new JwtOutcome.Invalid("the token has no expiry (exp)");
        }
        Object start = claims.getOrDefault("nbf", 0);
        Instant expiry = time(end);
        if (expiry == null) {
            return new JwtOutcome.Invalid("the expiry of the token (exp) " + fault(end));
        }
        Instant begin = time(start);
        if (begin == null) {
            return new JwtOutcome.Invalid("the beginning of the token (nbf) " + fault(start));
        }
        Instant now = clock.instant();
        if (begin.isAfter(now.plus(skew))) {
            return new JwtOutcome.Invalid("the token is not valid yet (nbf)");
        }
        return expiry.isAfter(now.minus(skew))
                ? new JwtOutcome.Valid(new Jwt(subject, expiry, claims))
                : new JwtOutcome.Expired(expiry);
    }

    private @Nullable Object subject(Map<String, Object> claims) {
        String[] nested = subjectClaim.subList(1, subjectClaim.size()).toArray(String[]::new);
        return Jwt.find(claims, subjectClaim.getFirst(), nested);
    }

    private boolean isForUs(@Nullable Object audience) {
        return switch (audience) {
            case String one -> audiences.contains(one);
            case List<?> several -> several.stream().anyMatch(audiences::contains);
            case null, default -> false;
        };
    }

    /** A time in seconds, of which fractions are cut off; null for anything else, such as milliseconds. */
    private static @Nullable Instant time(@Nullable Object claim) {
        return claim instanceof Number number && number.longValue() >= 0 && number.longValue() <= MAX_SECONDS
                ? Instant.ofEpochSecond(number.longValue())
                : null;
    }

    /** Why a claim is not a time, without its text. */
    private static String fault(Object claim) {
        if (!(claim instanceof Number number)) {
            return "is not a number";
        }
        return number.longValue() < 0
                ? "is negative"
                : "is after the year 9999; it must be in seconds, and not in milliseconds";
    }
}
