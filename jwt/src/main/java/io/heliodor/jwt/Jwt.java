package io.heliodor.jwt;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a valid token. Immutable.
 *
 * <p>A nested claim is named by its path: {@code texts("realm_access", "roles")} reads the roles of Keycloak, and
 * {@code texts("https://example.com/roles")} a claim whose name is an address.
 *
 * @param subject the user or the program, unique for its issuer: the claim {@code sub}, or that of {@link Jwts.Builder#subjectClaim}; not
 *     blank
 * @param expiresAt the claim {@code exp}, in whole seconds
 * @param claims all claims by name, as JSON: {@code String}, {@code Number}, {@code Boolean}, {@code List} and {@code Map}; claims that are null
 *     are left out
 */
public record Jwt(String subject, Instant expiresAt, Map<String, Object> claims) {
    /**
     * Copies the claims. An application needs this constructor for its tests only.
     *
     * @throws IllegalArgumentException if the subject is blank
     */
    public Jwt {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(expiresAt, "expiresAt");
        Objects.requireNonNull(claims, "claims");
        if (subject.isBlank()) {
            throw new IllegalArgumentException("The subject of a token is blank; give the claim sub, such as \"42\".");
        }
        claims = JsonCopy.of(claims);
    }

    /**
     * A claim that is a text.
     *
     * @param claim its name
     * @param path the names of nested claims in it
     * @return the text; empty if there is no such claim, or if it is not a text
     */
    public Optional<String> text(String claim, String... path) {
        return Optional.ofNullable(find(claims, claim, path) instanceof String text ? text : null);
    }

    /**
     * A claim that is a list of texts, such as roles or groups. A claim that is one text is a list of one: it is not split.
     *
     * @param claim its name
     * @param path the names of nested claims in it
     * @return the texts, in their order, without elements of other types; empty if there is no such claim. Immutable
     */
    public List<String> texts(String claim, String... path) {
        return switch (find(claims, claim, path)) {
            case String text -> List.of(text);
            case List<?> list ->
                list.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList();
            case null, default -> List.of();
        };
    }

    /**
     * The scopes that the token grants: the claim {@code scope}, else {@code scp}, each a text with spaces or a list.
     *
     * @return the scopes, in their order; empty if there is none. Immutable
     */
    public List<String> scopes() {
        return texts(claims.containsKey("scope") ? "scope" : "scp").stream()
                .flatMap(text -> Stream.of(text.split(" ")))
                .filter(scope -> !scope.isEmpty())
                .toList();
    }

    /** The value at a path of names; null if there is none. */
    static @Nullable Object find(Map<String, Object> claims, String claim, String... path) {
        Objects.requireNonNull(claim, "claim");
        Objects.requireNonNull(path, "path");
        Object found = claims.get(claim);
        for (String name : Arrays.asList(path)) {
            Objects.requireNonNull(name, "path");
            found = found instanceof Map<?, ?> object ? object.get(name) : null;
        }
        return found;
    }

    /** The subject and the expiry: other claims may be personal. */
    @Override
    public String toString() {
        return "Jwt[subject=" + subject + ", expiresAt=" + expiresAt + "]";
    }
}
