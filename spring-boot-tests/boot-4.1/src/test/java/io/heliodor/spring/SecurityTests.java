package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.Page;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** Clients with tokens of the application's resource server, next to its web server. */
@ExtendWith(OutputCaptureExtension.class)
class SecurityTests {
    private static final byte[] KEY = "a key of the identity provider, with 32 bytes".getBytes(StandardCharsets.UTF_8);

    record Name(String name) {}

    record Person(String id) {}

    static final Call<Empty, Name, Reason> WHO = Call.of("who", Empty.class, Name.class);
    static final Call<Empty, Empty, Reason> CLOSE = Call.of("close", Empty.class, Empty.class);

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableMethodSecurity
    static class Application {
        @Bean
        JwtDecoder decoder() {
            JwtDecoder decoder = NimbusJwtDecoder.withSecretKey(new SecretKeySpec(KEY, "HmacSHA256"))
                    .macAlgorithm(MacAlgorithm.HS256)
                    .build();
            return token -> {
                if (token.equals("later")) {
                    throw new JwtException("the keys cannot be fetched");
                }
                return decoder.decode(token);
            };
        }

        @Bean
        Desk desk() {
            return new Desk();
        }
    }

    static class Desk {
        @PreAuthorize("hasAuthority('SCOPE_agent')")
        void close() {}
    }

    @Configuration(proxyBeanMethods = false)
    static class ByAuthentication {
        @Bean
        @ChannelMapping("desk")
        Channel<Authentication, Empty> channel(Desk desk) {
            return Channel.of(Authentication.class)
                    .join(join -> Join.ok(
                            Empty.EMPTY, new Name(join.socket().assigns().getName())))
                    .answer(
                            WHO,
                            (nothing, context) -> Reply.ok(new Name(SecurityContextHolder.getContext()
                                    .getAuthentication()
                                    .getName())))
                    .answer(CLOSE, (nothing, context) -> {
                        desk.close();
                        return Reply.ok();
                    })
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ByPerson {
        @Bean
        JwtAssigns<Person> persons() {
            return (jwt, user) -> user.getName().equals("banned")
                    ? Connect.refuse(403)
                    : Connect.ok(new Person(jwt.getSubject()), "persons:" + jwt.getSubject())
                            .validUntil(Instant.now().plus(Duration.ofDays(1)));
        }

        @Bean
        @ChannelMapping("desk")
        Channel<Person, Empty> channel(Desk desk) {
            return Channel.of(Person.class)
                    .join(join ->
                            Join.ok(Empty.EMPTY, new Name(join.socket().id().orElseThrow())))
                    .answer(CLOSE, (nothing, context) -> {
                        desk.close();
                        return Reply.ok();
                    })
                    .build();
        }
    }

    private static String token(@Nullable String user, Duration validFor, String... scopes) throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader(JWSAlgorithm.HS256),
                new JWTClaimsSet.Builder()
                        .subject(user)
                        .claim("scope", String.join(" ", List.of(scopes)))
                        .expirationTime(Date.from(Instant.now().plus(validFor)))
                        .build());
        jwt.sign(new MACSigner(KEY));
        return jwt.serialize();
    }

    private static Map<String, String> bearer(String token) {
        return Map.of("Authorization", "Bearer " + token);
    }

    private static void run(Class<?> channels, Checks checks, String... properties) throws Exception {
        String[] arguments = Stream.concat(
                        Stream.of("heliodor.port=0", "server.port=0", "heliodor.host=127.0.0.1"), Stream.of(properties))
                .map(property -> "--" + property)
                .toArray(String[]::new);
        try (ConfigurableApplicationContext context =
                SpringApplication.run(new Class<?>[] {Application.class, channels}, arguments)) {
            checks.run(context.getEnvironment().getRequiredProperty("local.heliodor.port", Integer.class));
        }
    }

    private interface Checks {
        void run(int port) throws Exception;
    }

    @Test
    void aClientWithATokenHasItsAuthenticationInHandlers() throws Exception {
        run(ByAuthentication.class, port -> {
            try (Page page = Page.open(port, "/socket", bearer(token("ann", Duration.ofHours(1))))) {
                assertThat(page.join("desk")).isEqualTo("{\"status\":\"ok\",\"response\":{\"name\":\"ann\"}}");
                assertThat(page.asks("desk", "who", "{}")).contains("{\"name\":\"ann\"}");
                assertThat(page.asks("desk", "close", "{}")).contains("\"error\"", "\"forbidden\"");
                assertThat(page.asks("desk", "who", "{}")).contains("{\"name\":\"ann\"}");
            }
            try (Page page = Page.open(port, "/socket", bearer(token("bo", Duration.ofHours(1), "agent")))) {
                assertThat(page.join("desk")).contains("{\"name\":\"bo\"}");
                assertThat(page.asks("desk", "close", "{}")).contains("\"ok\"");
            }
        });
    }

    @Test
    void aClientWithoutAValidTokenIsRefused() throws Exception {
        run(ByAuthentication.class, port -> {
            assertThat(Page.refused(port, Map.of())).isEqualTo(401);
            assertThat(Page.refused(port, Map.of("Authorization", "Basic YTpi")))
                    .isEqualTo(401);
            assertThat(Page.refused(port, bearer("a.b.c"))).isEqualTo(401);
            assertThat(Page.refused(port, bearer(token("ann", Duration.ofHours(-1)))))
                    .isEqualTo(401);
            assertThat(Page.refused(port, bearer("later"))).isEqualTo(503);
        });
    }

    private static void refused(int port, String token, String status, String reason, String close) throws Exception {
        try (Page page = Page.signedIn(port, token)) {
            assertThat(page.receives())
                    .contains("\"refused\"", "\"status\":" + status, "\"reason\":\"" + reason + "\"");
            assertThat(page.receives()).isEqualTo("closed with " + close);
        }
    }

    @Test
    void pagesGetTheStatusOfARefusalByAProperty() throws Exception {
        run(
                ByPerson.class,
                port -> {
                    refused(port, "a.b.c", "401", "invalid token", "4401");
                    refused(port, token("ann", Duration.ofHours(-1)), "401", "invalid token", "4401");
                    refused(port, token("banned", Duration.ofHours(1)), "403", "", "4403");
                    refused(port, "later", "503", "", "4503");
                    try (Page page = Page.signedIn(port, token("cy", Duration.ofHours(1)))) {
                        assertThat(page.join("desk")).contains("\"ok\"");
                    }
                },
                "heliodor.jwt.refuse-after-upgrade=true");
    }

    /** Two of them would be one user for pushes and for the replies of once-only calls. */
    @Test
    void aTokenThatNamesNoUserIsRefused(CapturedOutput output) throws Exception {
        for (Class<?> channels : List.of(ByAuthentication.class, ByPerson.class)) {
            run(channels, port -> {
                assertThat(Page.refused(port, bearer(token(null, Duration.ofHours(1)))))
                        .isEqualTo(403);
                assertThat(Page.refused(port, bearer(token("", Duration.ofHours(1)))))
                        .isEqualTo(403);
                assertThat(Page.refused(port, bearer(token(" ", Duration.ofHours(1)))))
                        .isEqualTo(403);
                try (Page page = Page.open(port, "/socket", bearer(token("ann", Duration.ofHours(1))))) {
                    assertThat(page.join("desk")).contains("\"ok\"");
                    assertThat(page.asks(
                                    "phoenix", "refresh", "{\"token\":\"" + token("", Duration.ofHours(1)) + "\"}"))
                            .contains("\"error\"");
                }
            });
        }
        assertThat(output.getAll())
                .contains(
                        "A client was refused with 403: its token is valid, but names no user. Spring Security takes the name from"
                                + " the claim spring.security.oauth2.resourceserver.jwt.principal-claim-name, by default sub.");
    }

    @Test
    void aTokenWithoutTheClaimOfTheNameIsRefused() throws Exception {
        run(
                ByAuthentication.class,
                port -> refused(port, token("ann", Duration.ofHours(1)), "403", "no name", "4403"),
                "heliodor.jwt.refuse-after-upgrade=true",
                "spring.security.oauth2.resourceserver.jwt.principal-claim-name=preferred_username");
    }

    @Test
    void aTokenWithinTheClockSkewOfTheDecoderIsAccepted() throws Exception {
        run(ByAuthentication.class, port -> {
            try (Page page = Page.open(port, "/socket", bearer(token("ann", Duration.ofSeconds(-20))))) {
                assertThat(page.join("desk")).contains("\"ok\"");
            }
        });
    }

    @Test
    void theConnectionEndsWithItsTokenOrGetsAFreshOne() throws Exception {
        run(ByAuthentication.class, port -> {
            try (Page page = Page.open(port, "/socket", bearer(token("ann", Duration.ofHours(1))))) {
                assertThat(page.join("desk")).contains("\"ok\"");
                assertThat(page.asks(
                                "phoenix", "refresh", "{\"token\":\"" + token("ann", Duration.ofSeconds(-55)) + "\"}"))
                        .contains("\"ok\"");
                assertThat(page.receives()).isEqualTo("closed with 1008");
            }
        });
    }

    @Test
    void assignsOfTheApplicationsOwnKeepTheAuthentication() throws Exception {
        run(ByPerson.class, port -> {
            try (Page page = Page.open(port, "/socket", bearer(token("cy", Duration.ofHours(1), "agent")))) {
                assertThat(page.join("desk")).contains("{\"name\":\"persons:cy\"}");
                assertThat(page.asks("desk", "close", "{}")).contains("\"ok\"");
            }
            try (Page page = Page.open(port, "/socket", bearer(token("cy", Duration.ofHours(1))))) {
                assertThat(page.join("desk")).contains("\"ok\"");
                assertThat(page.asks("desk", "close", "{}")).contains("\"forbidden\"");
            }
            try (Page page = Page.open(port, "/socket", bearer(token("cy", Duration.ofSeconds(-54))))) {
                assertThat(page.receives()).as("the end of the token").isEqualTo("closed with 1008");
            }
            assertThat(Page.refused(port, bearer(token("banned", Duration.ofHours(1)))))
                    .isEqualTo(403);
        });
    }
}
