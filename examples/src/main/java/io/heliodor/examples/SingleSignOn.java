package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.jwt.Jwt;
import io.heliodor.jwt.JwtOutcome;
import io.heliodor.jwt.Jwts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** A socket whose clients have signed in at an identity provider. */
final class SingleSignOn {
    private SingleSignOn() {}

    // @start region=issuer
    static Jwts jwts() {
        return Jwts.issuer("https://idp.example.com/realms/x").audience("desk").build();
    }
    // @end

    // @start region=socket
    record Person(String id, List<String> roles) {}

    static UserSocket<Person> socket(Jwts jwts, Channel<Person, ?> desk) {
        return UserSocket.connect(connect -> jwts.accept(connect, SingleSignOn::person))
                .onRefresh((token, socket) -> jwts.accept(token, SingleSignOn::person))
                .channel("desk:*", desk)
                .build();
    }

    static ConnectOutcome<Person> person(Jwt jwt) {
        return Connect.ok(new Person(jwt.subject(), jwt.texts("roles")), "users:" + jwt.subject());
    }
    // @end

    static Channel<Person, ?> desk() {
        // @start region=roles
        return Channel.of(Person.class)
                .join(join -> Join.ok(Empty.EMPTY))
                .authorize((socket, desk) -> socket.assigns().roles().contains("ops"))
                .build();
        // @end
    }

    static UserSocket<Person> socketOfPages(Jwts jwts, Channel<Person, ?> desk) {
        // @start region=pages
        return UserSocket.connect(connect -> jwts.accept(connect, SingleSignOn::person))
                .refuseAfterUpgrade()
                // @end
                .channel("desk:*", desk)
                .build();
    }

    static List<List<String>> claims(Jwt jwt) {
        // @start region=claims
        List<String> roles = jwt.texts("roles");
        List<String> ofKeycloak = jwt.texts("realm_access", "roles");
        List<String> ofAuth0 = jwt.texts("https://example.com/roles");
        List<String> scopes = jwt.scopes();
        String name = jwt.text("name").orElse(jwt.subject());
        // @end
        return List.of(roles, ofKeycloak, ofAuth0, scopes, List.of(name));
    }

    static List<Jwts> ownKeys(String issuer, String pem, String secret) throws IOException {
        // @start region=keys
        Jwts inside = Jwts.issuer(issuer)
                .audience("desk")
                .keysAt(URI.create("https://keycloak.internal/realms/x/protocol/openid-connect/certs"))
                .build();
        Jwts ofFile = Jwts.issuer(issuer)
                .audience("desk")
                .jwks(Files.readString(Path.of("keys.json")))
                .build();
        Jwts ofKey = Jwts.issuer(issuer).audience("desk").publicKey(pem).build();
        Jwts ofSecret = Jwts.issuer(issuer)
                .audience("desk")
                .secret(Base64.getDecoder().decode(secret))
                .build();
        // @end
        return List.of(inside, ofFile, ofKey, ofSecret);
    }

    static String verify(Jwts jwts, String token) {
        // @start region=verify
        return switch (jwts.verify(token)) {
            case JwtOutcome.Valid(Jwt jwt) -> "of " + jwt.subject();
            case JwtOutcome.Expired(var since) -> "expired " + since;
            case JwtOutcome.Invalid(String reason) -> "invalid: " + reason;
            case JwtOutcome.Unavailable(String reason) -> "not verified: " + reason;
        };
        // @end
    }
}
