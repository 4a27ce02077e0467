package io.heliodor.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JwtTests {
    private static Jwt jwt(Map<String, Object> claims) {
        return new Jwt("42", Instant.EPOCH, claims);
    }

    @Test
    void aTextIsReadByItsPath() {
        Jwt jwt = jwt(Map.of("name", "Ana", "age", 42, "address", Map.of("city", Map.of("name", "Rome"))));
        assertThat(jwt.text("name")).contains("Ana");
        assertThat(jwt.text("address", "city", "name")).contains("Rome");
        assertThat(jwt.text("age")).isEmpty();
        assertThat(jwt.text("other")).isEmpty();
        assertThat(jwt.text("name", "first")).isEmpty();
        assertThat(jwt.text("address", "street", "name")).isEmpty();
        assertThat(jwt.claims().get("age")).isEqualTo(42);
    }

    @Test
    void textsAreReadByTheirPath() {
        Jwt jwt = jwt(Map.of(
                "roles",
                List.of("ops", "admin"),
                "https://example.com/roles",
                List.of("boss"),
                "realm_access",
                Map.of("roles", List.of("user"))));
        assertThat(jwt.texts("roles")).containsExactly("ops", "admin");
        assertThat(jwt.texts("https://example.com/roles")).containsExactly("boss");
        assertThat(jwt.texts("realm_access", "roles")).containsExactly("user");
        assertThat(jwt.texts("realm_access.roles")).isEmpty();
        assertThat(jwt.texts("realm_access")).isEmpty();
        assertThat(jwt.texts("roles", "a")).isEmpty();
    }

    /** A role such as "admin assistant" is not the role "admin". */
    @Test
    void oneTextIsAListOfOne() {
        assertThat(jwt(Map.of("roles", "admin assistant")).texts("roles")).containsExactly("admin assistant");
    }

    @Test
    void elementsOfOtherTypesAreLeftOut() {
        assertThat(jwt(Map.of("roles", List.of("ops", 1, List.of("admin"), true)))
                        .texts("roles"))
                .containsExactly("ops");
    }

    @Test
    void scopesAreTheWordsOfScopeOrScp() {
        assertThat(jwt(Map.of("scope", "openid  read:chat ")).scopes()).containsExactly("openid", "read:chat");
        assertThat(jwt(Map.of("scp", "read write")).scopes()).containsExactly("read", "write");
        assertThat(jwt(Map.of("scp", List.of("read", "write"))).scopes()).containsExactly("read", "write");
        assertThat(jwt(Map.of("scope", "", "scp", "write")).scopes()).isEmpty();
        assertThat(jwt(Map.of()).scopes()).isEmpty();
    }

    @Test
    void theClaimsAreCopiedWithoutNulls() {
        List<Object> roles = new ArrayList<>(Arrays.asList("ops", null));
        Map<String, Object> claims = new HashMap<>(Map.of("roles", roles));
        claims.put("name", null);
        Jwt jwt = jwt(claims);
        roles.add("admin");
        claims.put("other", "a");
        assertThat(jwt.claims()).isEqualTo(Map.of("roles", List.of("ops")));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> jwt.claims().clear());
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> jwt.texts("roles").add("admin"));
    }

    @Test
    void theTextHasNoOtherClaims() {
        assertThat(jwt(Map.of("email", "ana@example.com")))
                .asString()
                .isEqualTo("Jwt[subject=42, expiresAt=1970-01-01T00:00:00Z]");
    }

    @Test
    void aSubjectIsNotEmpty() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Jwt("", Instant.EPOCH, Map.of()));
    }
}
