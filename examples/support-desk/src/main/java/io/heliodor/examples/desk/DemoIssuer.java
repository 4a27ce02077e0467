package io.heliodor.examples.desk;

import java.nio.charset.StandardCharsets;
import java.time.*;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.*;
import org.springframework.http.ResponseEntity;
import org.springframework.security.oauth2.jwt.*;
import org.springframework.web.bind.annotation.*;

/** For a first try only: it gives everybody a token. In production an identity provider is in its place. */
@RestController
@RequestMapping("/demo")
@Profile("demo")
class DemoIssuer {
    private static final List<Person> PEOPLE = List.of(
            new Person("ann", "Ann", true),
            new Person("bo", "Bo", true),
            new Person("cy", "Cy", false),
            new Person("dee", "Dee", false));

    record Token(String token) {}

    private final SecretKey key;

    DemoIssuer(@Value("${desk.demo-secret:${random.uuid}}") String secret) {
        key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    @Bean
    JwtDecoder decoder() {
        return NimbusJwtDecoder.withSecretKey(key).build();
    }

    @GetMapping("/people")
    List<Person> people() {
        return PEOPLE;
    }

    @PostMapping("/tokens/{id}")
    ResponseEntity<Token> token(@PathVariable String id) {
        return ResponseEntity.of(PEOPLE.stream()
                .filter(person -> person.id().equals(id))
                .findFirst()
                .map(this::token));
    }

    private Token token(Person person) {
        var claims = JwtClaimsSet.builder()
                .subject(person.id())
                .claim("name", person.name())
                .claim("roles", person.agent() ? List.of("AGENT") : List.of())
                .expiresAt(Instant.now().plus(Duration.ofMinutes(10)))
                .build();
        var encoder = NimbusJwtEncoder.withSecretKey(key).build();
        return new Token(encoder.encode(JwtEncoderParameters.from(claims)).getTokenValue());
    }
}
