package io.heliodor.spring.guide.login;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.spring.ChannelMapping;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.authentication.JwtGrantedAuthoritiesConverter;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application whose users sign in with a form and have a session. */
@SpringBootApplication
@EnableMethodSecurity
class LoginApplication {
    record Name(String name) {}

    static final Call<Empty, Empty, Reason> CLOSE = Call.of("close", Empty.class, Empty.class);

    // @start region=tokens
    @RestController
    static class SocketTokens {
        private final JwtEncoder encoder;

        SocketTokens(JwtEncoder encoder) {
            this.encoder = encoder;
        }

        @GetMapping("/socket-token")
        String token(Authentication user) {
            Instant now = Instant.now();
            JwtClaimsSet claims = JwtClaimsSet.builder()
                    .subject(user.getName())
                    .claim(
                            "authorities",
                            user.getAuthorities().stream()
                                    .map(GrantedAuthority::getAuthority)
                                    .toList())
                    .issuedAt(now)
                    .expiresAt(now.plusSeconds(60))
                    .build();
            JwsHeader header = JwsHeader.with(MacAlgorithm.HS256).build();
            return encoder.encode(JwtEncoderParameters.from(header, claims)).getTokenValue();
        }
    }
    // @end

    // @start region=keys
    @Bean
    SecretKey socketKey(@Value("${desk.socket-key}") String key) {
        return new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    @Bean
    JwtEncoder encoder(SecretKey key) {
        return NimbusJwtEncoder.withSecretKey(key).build();
    }

    @Bean
    JwtDecoder decoder(SecretKey key) {
        return NimbusJwtDecoder.withSecretKey(key).build();
    }

    @Bean
    JwtAuthenticationConverter authorities() {
        JwtGrantedAuthoritiesConverter authorities = new JwtGrantedAuthoritiesConverter();
        authorities.setAuthoritiesClaimName("authorities");
        authorities.setAuthorityPrefix("");
        JwtAuthenticationConverter converter = new JwtAuthenticationConverter();
        converter.setJwtGrantedAuthoritiesConverter(authorities);
        return converter;
    }

    @Bean
    SecurityFilterChain requests(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .formLogin(Customizer.withDefaults())
                .build();
    }
    // @end

    @Bean
    UserDetailsService users() {
        return new InMemoryUserDetailsManager(
                User.withUsername("ann").password("{noop}a").roles("AGENT").build(),
                User.withUsername("bo").password("{noop}b").roles("GUEST").build());
    }

    @Component
    static class Desk {
        @PreAuthorize("hasRole('AGENT')")
        public void close() {}
    }

    @Bean
    @ChannelMapping("desk")
    Channel<Authentication, Empty> desk(Desk desk) {
        return Channel.of(Authentication.class)
                .join(join ->
                        Join.ok(Empty.EMPTY, new Name(join.socket().assigns().getName())))
                .answer(CLOSE, (nothing, context) -> {
                    desk.close();
                    return Reply.ok();
                })
                .build();
    }
}
