package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Connect;
import io.heliodor.examples.SingleSignOn.Person;
import io.heliodor.jwt.Jwt;
import io.heliodor.jwt.Jwts;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestClient;
import io.heliodor.token.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Clients of a socket have the roles in their tokens. */
class SingleSignOnTests {
    private static final byte[] SECRET = Secret.fresh().getBytes(StandardCharsets.US_ASCII);

    private final Jwts jwts =
            Jwts.issuer("login").audience("desk").secret(SECRET).build();

    private static String token(String subject, String role) {
        String header = encode("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.UTF_8));
        long expiry = Instant.now().plus(Duration.ofHours(1)).getEpochSecond();
        String claims = encode("""
                {"iss":"login","aud":"desk","sub":"%s","exp":%d,"roles":["%s"]}""".formatted(subject, expiry, role).getBytes(StandardCharsets.UTF_8));
        return header + "." + claims + "." + encode(sign(header + "." + claims));
    }

    private static byte[] sign(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Test
    void aRoleOpensAChannelUntilAFreshTokenLacksIt() {
        try (ChannelKit kit = ChannelKit.start(SingleSignOn.socket(jwts, SingleSignOn.desk()))) {
            TestClient ana = kit.request().authToken(token("42", "ops")).connect();
            var desk = ana.join("desk:1");
            ana.refresh(token("42", "guest"));
            desk.expectClose();
            assertThat(ana.joinRefused("desk:1")).isEqualTo(new Refusal.Plain("unauthorized"));
            assertThat(kit.request().refused()).isEqualTo(Connect.refuse(401).text("missing"));
        }
    }

    @Test
    void aPageGetsItsRefusalAfterTheUpgrade() {
        try (ChannelKit kit = ChannelKit.start(SingleSignOn.socketOfPages(jwts, SingleSignOn.desk()))) {
            kit.request().authToken(token("42", "ops")).connect().join("desk:1");
            assertThat(kit.request().authToken("a").refused().text()).isEqualTo("invalid");
        }
    }

    @Test
    void claimsAreReadByTheirPath() {
        Jwt jwt = new Jwt(
                "42",
                Instant.EPOCH,
                Map.of(
                        "realm_access",
                        Map.of("roles", List.of("user")),
                        "https://example.com/roles",
                        List.of("admin"),
                        "scope",
                        "openid desk"));
        assertThat(SingleSignOn.claims(jwt))
                .containsExactly(
                        List.of(), List.of("user"), List.of("admin"), List.of("openid", "desk"), List.of("42"));
        assertThat(SingleSignOn.person(jwt)).isEqualTo(Connect.ok(new Person("42", List.of()), "users:42"));
        assertThat(SingleSignOn.verify(jwts, "a")).startsWith("invalid: ");
        assertThat(SingleSignOn.verify(SingleSignOn.jwts(), "a")).startsWith("invalid: ");
    }
}
