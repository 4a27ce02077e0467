package io.heliodor.spring.test;

import io.heliodor.spring.boot.HeliodorSecurityAutoConfiguration;
import io.heliodor.spring.boot.TokenDecoding;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/** Lets the clients of a kit connect with the tokens of {@link TestJwt}, next to those that the application's decoder accepts. */
@AutoConfiguration(before = HeliodorSecurityAutoConfiguration.class)
@ConditionalOnClass(JwtDecoder.class)
final class TestTokensAutoConfiguration {
    @Bean
    TokenDecoding heliodorTestTokens() {
        JwtDecoder tests = TestJwtAutoConfiguration.testTokens();
        return decoder -> token -> TestJwt.isOne(token) ? tests.decode(token) : decoder.decode(token);
    }
}
