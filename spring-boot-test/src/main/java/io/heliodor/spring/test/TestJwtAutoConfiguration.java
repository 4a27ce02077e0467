package io.heliodor.spring.test;

import io.heliodor.spring.boot.HeliodorSecurityAutoConfiguration;
import java.util.Map;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.MappedJwtClaimSetConverter;

/** The decoder of the tokens of {@link TestJwt}, in place of one that needs the keys of an issuer. */
@AutoConfiguration(before = HeliodorSecurityAutoConfiguration.class)
@ConditionalOnClass(JwtDecoder.class)
final class TestJwtAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    JwtDecoder heliodorTestJwtDecoder() {
        return testTokens();
    }

    static JwtDecoder testTokens() {
        MappedJwtClaimSetConverter types = MappedJwtClaimSetConverter.withDefaults(Map.of());
        return token -> {
            try {
                Map<String, Object> claims = types.convert(TestJwt.claims(token));
                return Jwt.withTokenValue(token)
                        .header("alg", "none")
                        .claims(all -> all.putAll(claims))
                        .build();
            } catch (IllegalArgumentException e) {
                throw new BadJwtException("The token was not made by TestJwt.", e);
            }
        };
    }
}
