package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** Valid handshakes, and responses to refused ones. The package {@code hostile} has further refusals. */
class HandshakeTests extends LiveTest {
    private static final Limits IMPATIENT =
            Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofSeconds(2)));

    private static final String GOOD_LINE = "GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\n";

    @Test
    void aGoodRequestIsAccepted() {
        Live live = start();
        withHealthyClient(live);
        RawClient client = open(live);
        client.joins("room:a").echoes("room:a", "2");
        assertThat(live.count("connections")).isEqualTo(2);
    }

    @Test
    void theResponseToAPlainGetNamesTheMissingHeader() {
        RawClient.Response response = isRefused(GOOD_LINE + "Host: localhost\r\n", 400, "refused_request");
        assertThat(response.body()).isEqualTo("'connection' header must contain 'upgrade'");
    }

    @Test
    void theResponseToAnotherVersionOfWebSocketNamesTheSupportedOne() {
        RawClient.Response response = isRefused(
                GOOD_LINE + RawClient.upgradeHeaders().replace("Version: 13", "Version: 8"), 426, "refused_request");
        assertThat(response.header("sec-websocket-version")).isEqualTo("13");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost", "http://LOCALHOST:80", "https://localhost"})
    void aPageOfTheSameHostIsAccepted(String origin) {
        Live live = start();
        RawClient client =
                connect(live).send(GOOD_LINE + RawClient.upgradeHeaders() + "Origin: " + origin + "\r\n\r\n");
        client.upgraded();
    }

    @Test
    void theOriginsOfTheBuilderApply() {
        Live live = start(builder -> builder.origins("*.example.com"));
        connect(live)
                .send(GOOD_LINE + RawClient.upgradeHeaders() + "Origin: https://app.example.com\r\n\r\n")
                .upgraded();
        RawClient client =
                connect(live).send(GOOD_LINE + RawClient.upgradeHeaders() + "Origin: http://localhost\r\n\r\n");
        assertThat(client.response().status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?vsn=1.0.0", "?vsn=1.0.3", "?x=y", ""})
    void versionOneServesClientsThatRequestItOrNoVersion(String query) {
        Live live = start();
        RawClient client = connect(live)
                .send("GET /socket/websocket" + query + " HTTP/1.1\r\n" + RawClient.upgradeHeaders() + "\r\n")
                .upgraded();
        client.sends("{'topic':'phoenix','event':'heartbeat','payload':{},'ref':'7'}".replace('\'', '"'));
        client.receives("{'topic':'phoenix','event':'phx_reply','payload':{'status':'ok','response':{}},'ref':'7'}"
                .replace('\'', '"'));
    }

    @Test
    void textOfAClientIsSanitizedForTheLog() {
        isRefused(
                "GET /socket/websocket?vsn=a%0d%0ab%1b%5b31m%E2%80%AE" + "x".repeat(1_000) + " HTTP/1.1\r\n"
                        + RawClient.upgradeHeaders(),
                403,
                "refused_version");
        assertThat(RecordedLog.lines(Level.WARN, "[a??b?[31m?xxx"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).hasSizeLessThan(300));
    }

    @Test
    void theConnectHandlerSeesParamsHeadersTokenAndAddress() {
        Map<String, String> seen = new ConcurrentHashMap<>();
        Live live = start(builder -> builder.socket(
                "/seen",
                UserSocket.connect(connect -> {
                            for (String name : List.of("user", "nested[k]", "text", "empty", "missing")) {
                                connect.param(name).ifPresent(value -> seen.put(name, value));
                            }
                            for (String name : List.of(
                                    "x-tag", "X-TAG", "User-Agent", "traceparent", "sec-websocket-version", "x-none")) {
                                connect.header(name).ifPresent(value -> seen.put(name, value));
                            }
                            connect.authToken().ifPresent(token -> seen.put("token", token));
                            seen.put("address", connect.remoteAddress());
                            return Connect.ok(Empty.EMPTY);
                        })
                        .channel(
                                "room:*",
                                Channel.of(Empty.class)
                                        .join(join -> Join.ok(Empty.EMPTY))
                                        .build())
                        .build()));
        String params = "user=a&user=b&nested%5Bk%5D=%C3%A9%F0%9F%9F%A1&text=a+b%2Bc%26d&empty=&vsn=2.0.0";
        connect(live)
                .send("GET /seen/websocket?" + params + " HTTP/1.1\r\n" + RawClient.upgradeHeaders()
                        + "X-Tag: one\r\nUser-Agent: raw/1.0 (a test)\r\n"
                        + "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
                        + "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.czNjcmV0LXRva2VuKy8\r\n\r\n")
                .upgraded();
        assertThat(seen)
                .containsOnly(
                        entry("user", "b"),
                        entry("nested[k]", "é🟡"),
                        entry("text", "a b+c&d"),
                        entry("empty", ""),
                        entry("x-tag", "one"),
                        entry("X-TAG", "one"),
                        entry("User-Agent", "raw/1.0 (a test)"),
                        entry("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                        entry("sec-websocket-version", "13"),
                        entry("token", "s3cret-token+/"),
                        entry("address", "127.0.0.1"));
    }

    @Test
    void anInvalidOutcomeOfTheConnectHandlerIsAFailureOfIt() {
        Live live = start();
        assertThat(connect(live)
                        .send(RawClient.upgradeRequest("&outcome=broken"))
                        .response()
                        .status())
                .isEqualTo(500);
        assertThat(RecordedLog.lines(Level.ERROR, "The connect handler of")).hasSize(1);
        assertThat(live.count("connections")).isZero();
    }

    @Test
    void aConnectionWithoutTimeLeftIsRefusedWith401() {
        Live live = start();
        RawClient.Response response =
                connect(live).send(RawClient.upgradeRequest("&outcome=expired")).response();
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.body()).isEqualTo("expired");
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
    }

    @Test
    void aTokenInTheSubprotocolIsAnsweredWithPhoenix() {
        RawClient.Response response = connect(start())
                .send(GOOD_LINE + RawClient.upgradeHeaders()
                        + "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.czNjcmV0LXRva2VuKy8\r\n\r\n")
                .response();
        assertThat(response.status()).isEqualTo(101);
        assertThat(response.header("sec-websocket-protocol")).isEqualTo("phoenix");
    }

    @Test
    void aClientThatOffersNoProtocolGetsNone() {
        RawClient.Response response =
                connect(start()).send(RawClient.upgradeRequest("")).response();
        assertThat(response.headers()).doesNotContainKey("sec-websocket-protocol");
    }

    @Test
    void aClientThatOffersOtherProtocolsGetsNone() {
        RawClient.Response response = connect(start())
                .send(GOOD_LINE + RawClient.upgradeHeaders() + "Sec-WebSocket-Protocol: graphql-ws, chat\r\n\r\n")
                .response();
        assertThat(response.status()).isEqualTo(101);
        assertThat(response.headers()).doesNotContainKey("sec-websocket-protocol");
    }

    @Test
    void aHandshakeInTimeIsNotClosedLater() {
        Live live = start(builder -> builder.limits(IMPATIENT));
        RawClient client = open(live).joins("room:a");
        connect(live).ends(); // the limit has passed
        client.echoes("room:a", "2");
    }

    /** Sends a head, which must be refused with this status and counted once, for this reason, and nothing else. */
    private RawClient.Response isRefused(String head, int status, String why) {
        Live live = start();
        withHealthyClient(live);
        RawClient client = connect(live).send(head + "\r\n");
        RawClient.Response response = client.response(!head.startsWith("HEAD"));
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(client.restInOrder()).isEmpty();
        assertThat(live.counters().entrySet().stream()
                        .filter(count -> count.getKey().startsWith("refused") && count.getValue() > 0))
                .singleElement()
                .hasToString(why + "=1");
        return response;
    }
}
