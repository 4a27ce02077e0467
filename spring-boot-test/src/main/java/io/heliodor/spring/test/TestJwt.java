package io.heliodor.spring.test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tokens of users for the clients of a kit: of a {@link ChannelTest}, or of the whole application with {@link
 * AutoConfigureChannelKit}. They are not signed. Only a kit accepts them, whatever {@code JwtDecoder} the application has; other tokens go
 * to that.
 *
 * {@snippet lang="java" :
 * TestChannel ann = kit.request().authToken(TestJwt.of("ann", "agent")).connect().join("desk");
 * }
 *
 * <p>The application's {@code JwtAuthenticationConverter} and {@code JwtAssigns} beans are used with them, if they are beans of the
 * test.
 */
public final class TestJwt {
    /** {@code {"alg":"none"}}. */
    private static final String HEADER = "eyJhbGciOiJub25lIn0.";

    private static final JsonMapper JSON = JsonMapper.shared();

    private TestJwt() {}

    /**
     * A token of a user.
     *
     * @param subject the name of the user
     * @param scopes the scopes, from which Spring Security makes authorities such as {@code SCOPE_agent}
     * @return a token that does not expire
     */
    public static String of(String subject, String... scopes) {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(scopes, "scopes");
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", subject);
        if (scopes.length > 0) {
            claims.put("scope", String.join(" ", scopes));
        }
        return of(claims);
    }

    /**
     * A token with claims.
     *
     * @param claims values by name, such as {@code sub}; an {@link Instant}, such as {@code exp}, becomes seconds. The time is that of
     *     the kit, which begins at 2026-01-01T00:00:00Z
     * @return the token
     */
    public static String of(Map<String, ?> claims) {
        Objects.requireNonNull(claims, "claims");
        Map<String, Object> written = new LinkedHashMap<>(claims);
        written.replaceAll((_, value) -> value instanceof Instant time ? time.getEpochSecond() : value);
        return HEADER + Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.writeValueAsBytes(written)) + ".";
    }

    /** Whether a token is not signed, as those of this class. */
    static boolean isOne(String token) {
        return token.startsWith(HEADER) && token.endsWith(".");
    }

    /** The claims of a token; an {@link IllegalArgumentException} for other texts. */
    static Map<String, Object> claims(String token) {
        if (!isOne(token) || token.length() <= HEADER.length()) {
            throw new IllegalArgumentException("It is not a token of TestJwt.");
        }
        String content = token.substring(HEADER.length(), token.length() - 1);
        try {
            return JSON.readValue(
                    new String(Base64.getUrlDecoder().decode(content), StandardCharsets.UTF_8),
                    new TypeReference<Map<String, Object>>() {});
        } catch (JacksonException e) {
            throw new IllegalArgumentException("It is not a token of TestJwt.", e);
        }
    }
}
