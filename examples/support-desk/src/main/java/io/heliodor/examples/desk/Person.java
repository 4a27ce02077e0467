package io.heliodor.examples.desk;

import java.util.List;
import org.springframework.security.oauth2.jwt.Jwt;

/** A user, as the token names it. */
record Person(String id, String name, boolean agent) {
    static Person of(Jwt jwt) {
        String name = jwt.getClaimAsString("name");
        List<String> roles = jwt.getClaimAsStringList("roles");
        boolean agent = roles != null && roles.contains("AGENT");
        return new Person(jwt.getSubject(), name == null ? jwt.getSubject() : name, agent);
    }
}
