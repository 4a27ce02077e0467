package io.heliodor.jwt;

import static io.heliodor.jwt.TestToken.AUDIENCE;
import static io.heliodor.jwt.TestToken.ISSUER;
import static io.heliodor.jwt.TestToken.claims;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import io.heliodor.testkit.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that are accepted by tokens, and end with them. */
class AcceptTests {
    record Person(String id, List<String> roles) {}

    private static final SigningKey KEY = SigningKey.ec("key");
    private static final Call<Empty, Person, Reason> WHO = Call.of("who", Empty.class, Person.class);

    private final TestClock clock = TestClock.create();
    private final Jwts jwts = Jwts.issuer(ISSUER)
            .audience(AUDIENCE)
            .publicKey(KEY.pem())
            .clock(clock)
            .build();
    private final ChannelKit kit = ChannelKit.builder(
                    UserSocket.connect(connect -> jwts.accept(connect, AcceptTests::person))
                            .onRefresh((token, socket) -> jwts.accept(token, AcceptTests::person))
                            .channel("room:*", room())
                            .build())
            .clock(clock)
            .start();

    private static Channel<Person, ?> room() {
        return Channel.of(Person.class)
                .join(join -> Join.ok(Empty.EMPTY))
                .answer(WHO, (nothing, in) -> Reply.ok(in.socket().assigns()))
                .build();
    }

    private static ConnectOutcome<Person> person(Jwt jwt) {
        return Connect.ok(new Person(jwt.subject(), jwt.texts("roles")), "users:" + jwt.subject());
    }

    private String token(Duration left, String... roles) {
        Map<String, Object> claims = claims();
        claims.put("exp", clock.instant().plus(left).getEpochSecond());
        claims.put("roles", List.of(roles));
        return KEY.sign(claims);
    }

    @AfterEach
    void close() {
        kit.close();
    }

    @Test
    void theClaimsBecomeAssigns() {
        TestChannel room = kit.request()
                .authToken(token(Duration.ofMinutes(5), "ops"))
                .connect()
                .join("room:1");
        assertThat(room.call(WHO, Empty.EMPTY)).isEqualTo(new Person("42", List.of("ops")));
    }

    @Test
    void theHeaderIsReadFirst() {
        String token = token(Duration.ofMinutes(5));
        kit.request().header("Authorization", "Bearer " + token).connect();
        kit.request()
                .header("authorization", "bearer  " + token)
                .authToken("other")
                .connect();
        kit.request().header("Authorization", "Basic YTpi").authToken(token).connect();
    }

    @Test
    void aMissingTokenIsRefused() {
        assertThat(kit.request().refused()).isEqualTo(Connect.refuse(401).text("missing"));
        assertThat(kit.request().header("Authorization", "Bearer ").refused().text())
                .isEqualTo("missing");
        assertThat(kit.request().header("Authorization", "Basic YTpi").refused().text())
                .isEqualTo("missing");
        assertThat(kit.request()
                        .params(Map.of("token", token(Duration.ofMinutes(5))))
                        .refused()
                        .text())
                .isEqualTo("missing");
    }

    @Test
    void anInvalidTokenIsRefusedWithoutDetails() {
        assertThat(kit.request().authToken("a.b.c").refused())
                .isEqualTo(Connect.refuse(401).text("invalid").because("the token is not a signed JWT"));
        assertThat(kit.request().header("Authorization", "Bearer a").refused().text())
                .isEqualTo("invalid");
    }

    @Test
    void anExpiredTokenIsRefused() {
        assertThat(kit.request().authToken(token(Duration.ofSeconds(-31))).refused())
                .isEqualTo(Connect.refuse(401).text("expired"));
    }

    @Test
    void aConnectionEndsWithItsTokenAndTheClockSkew() {
        TestClient client =
                kit.request().authToken(token(Duration.ofMinutes(5))).connect();
        kit.advance(Duration.ofMinutes(5).plusSeconds(28));
        assertThat(kit.metrics().value("heliodor.connections")).isEqualTo(1);
        kit.advance(Duration.ofSeconds(4));
        assertThat(client.expectClose()).isEqualTo(1_008);
    }

    @Test
    void aTokenWithinTheClockSkewIsAccepted() {
        TestClient client =
                kit.request().authToken(token(Duration.ofSeconds(-10))).connect();
        kit.advance(Duration.ofSeconds(22));
        assertThat(client.expectClose()).isEqualTo(1_008);
    }

    @Test
    void aFreshTokenReplacesClaimsAndTime() {
        TestClient client =
                kit.request().authToken(token(Duration.ofMinutes(5), "ops")).connect();
        TestChannel room = client.join("room:1");
        kit.advance(Duration.ofMinutes(4));
        client.refresh(token(Duration.ofMinutes(5), "admin"));
        assertThat(room.call(WHO, Empty.EMPTY).roles()).containsExactly("admin");
        kit.advance(Duration.ofMinutes(4));
        assertThat(kit.metrics().value("heliodor.connections")).isEqualTo(1);
        assertThat(client.refreshRefused("a.b.c")).isInstanceOf(Refusal.class);
        kit.advance(Duration.ofMinutes(2));
        assertThat(client.expectClose()).isEqualTo(1_008);
    }

    @Test
    void aShorterTimeOfTheHandlerHolds() throws Exception {
        Instant expiry = clock.instant().plusSeconds(300);
        String token = token(Duration.ofMinutes(5));
        Instant earlier = expiry.minusSeconds(60);
        assertThat(end(jwts.accept(token, jwt -> Connect.ok(Empty.EMPTY).validUntil(earlier))))
                .isEqualTo(earlier);
        assertThat(end(jwts.accept(token, jwt -> Connect.ok(Empty.EMPTY).validUntil(Instant.MAX))))
                .isEqualTo(expiry.plusSeconds(30));
    }

    private static Instant end(ConnectOutcome<?> outcome) {
        return ((ConnectOutcome.Accepted<?>) outcome).validUntil().orElseThrow();
    }

    @Test
    void theHandlerMayRefuseAndThrow() throws Exception {
        String token = token(Duration.ofMinutes(5));
        ConnectOutcome<Person> refused = jwts.accept(token, jwt -> Connect.refuse(403));
        assertThat(refused).isEqualTo(Connect.refuse(403));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> jwts.accept(token, jwt -> {
                    throw new IOException("no database");
                }));
    }
}
