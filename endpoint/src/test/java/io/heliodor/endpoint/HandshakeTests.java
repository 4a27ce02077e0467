package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import io.heliodor.transport.RecordedLog;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** The handshake rows of hostile-input, but for limits by address and number, which are not there yet. */
class HandshakeTests extends LiveTest {
    private static final Limits IMPATIENT = Limits.defaults().handshake(Duration.ofMillis(200));

    private static final String GOOD_LINE = "GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\n";

    @Test
    void aGoodRequestIsAccepted() {
        Live live = start();
        beside(live);
        RawClient client = open(live);
        client.joins("room:a").echoes("room:a", "2");
        assertThat(live.count("connections")).isEqualTo(2);
    }

    @Test
    void anotherPathIsNotFound() {
        isRefused("GET /other HTTP/1.1\r\n" + RawClient.upgradeHeaders(), 404, "refused_request");
    }

    @Test
    void aUriOver8KibIsRefused() {
        isRefused("GET /socket/websocket?vsn=2.0.0&x=" + "x".repeat(8 << 10) + " HTTP/1.1\r\n", 414, "refused_request");
    }

    @Test
    void headersOver16KibAreRefused() {
        isRefused(
                GOOD_LINE + RawClient.upgradeHeaders() + "X: " + "x".repeat(16 << 10) + "\r\n", 431, "refused_request");
    }

    @Test
    void manyHeadersOver16KibAreRefused() {
        isRefused(GOOD_LINE + RawClient.upgradeHeaders() + "X: yy\r\n".repeat(4 << 10), 431, "refused_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "POST", "PUT", "OPTIONS", "CONNECT", "NONSENSE"})
    void whatIsNoGetIsRefused(String method) {
        RawClient.Response response = isRefused(
                method + " /socket/websocket?vsn=2.0.0 HTTP/1.1\r\n" + RawClient.upgradeHeaders(),
                400,
                "refused_request");
        assertThat(response.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: localhost\r\n",
                "Connection: Upgrade\r\n",
                "Upgrade: websocket\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            })
    void aHeaderThatIsMissingIsNamed(String header) {
        RawClient.Response response =
                isRefused(GOOD_LINE + RawClient.upgradeHeaders().replace(header, ""), 400, "refused_request");
        assertThat(response.body())
                .contains("'" + header.substring(0, header.indexOf(':')).toLowerCase(Locale.ROOT) + "' header");
    }

    @Test
    void aPlainGetIsToldWhatIsMissing() {
        RawClient.Response response = isRefused(GOOD_LINE + "Host: localhost\r\n", 400, "refused_request");
        assertThat(response.body()).isEqualTo("'connection' header must contain 'upgrade'");
    }

    @Test
    void aShortKeyIsRefused() {
        String headers = RawClient.upgradeHeaders().replace("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=");
        isRefused(GOOD_LINE + headers, 400, "refused_request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: other\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                "Content-Length: 5\r\nContent-Length: 5\r\n",
                "Content-Length: 5, 5\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
                "Transfer-Encoding: gzip\r\n",
                "Content-Length: 5\r\n",
                "Transfer-Encoding: chunked\r\n",
                "No colon\r\n",
                "Space : before the colon\r\n",
                "Null: \0\r\n",
                "Bare: line feed\n",
                ": no name\r\n"
            })
    void headersThatContradictThemselvesAreRefused(String headers) {
        isRefused(GOOD_LINE + RawClient.upgradeHeaders() + headers, 400, "refused_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8", "14", "x"})
    void anotherVersionOfWebSocketIsToldTheRightOne(String version) {
        RawClient.Response response = isRefused(
                GOOD_LINE + RawClient.upgradeHeaders().replace("Version: 13", "Version: " + version),
                426,
                "refused_request");
        assertThat(response.header("sec-websocket-version")).isEqualTo("13");
    }

    @Test
    void http10IsTooOld() {
        isRefused("GET /socket/websocket?vsn=2.0.0 HTTP/1.0\r\n" + RawClient.upgradeHeaders(), 400, "refused_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null", "", "file://", "http://localhost:1", "nonsense"})
    void aForeignOriginIsRefusedAndNamedInTheLog(String origin) {
        RawClient.Response response =
                isRefused(GOOD_LINE + RawClient.upgradeHeaders() + "Origin: " + origin + "\r\n", 403, "refused_origin");
        assertThat(response.body()).isEmpty();
        assertThat(RecordedLog.lines(Level.WARN, "origin '" + origin + "'")).hasSize(1);
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
    void theOriginsOfTheBuilderCount() {
        Live live = start(builder -> builder.origins("*.example.com"));
        connect(live)
                .send(GOOD_LINE + RawClient.upgradeHeaders() + "Origin: https://app.example.com\r\n\r\n")
                .upgraded();
        RawClient client =
                connect(live).send(GOOD_LINE + RawClient.upgradeHeaders() + "Origin: http://localhost\r\n\r\n");
        assertThat(client.response().status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?vsn=1.1.0", "?vsn=2.1.0", "?vsn=nonsense", "?vsn=", "?vsn[]=2.0.0", "?vsn=2.0.0&vsn=9"})
    void anUnknownVersionIsRefusedWithOneLineInTheLog(String query) {
        isRefused(
                "GET /socket/websocket" + query + " HTTP/1.1\r\n" + RawClient.upgradeHeaders(), 403, "refused_version");
        assertThat(RecordedLog.lines(Level.WARN, "1.0.0 and 2.0.0 are spoken")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?vsn=1.0.0", "?vsn=1.0.3", "?x=y", ""})
    void versionOneIsSpokenWithWhoeverAsksForItOrForNone(String query) {
        Live live = start();
        RawClient client = connect(live)
                .send("GET /socket/websocket" + query + " HTTP/1.1\r\n" + RawClient.upgradeHeaders() + "\r\n")
                .upgraded();
        client.says("{'topic':'phoenix','event':'heartbeat','payload':{},'ref':'7'}".replace('\'', '"'));
        client.receives("{'topic':'phoenix','event':'phx_reply','payload':{'status':'ok','response':{}},'ref':'7'}"
                .replace('\'', '"'));
    }

    @Test
    void whatAClientSentIsFitForALineOfTheLog() {
        isRefused(
                "GET /socket/websocket?vsn=a%0d%0ab%1b%5b31m%E2%80%AE" + "x".repeat(1_000) + " HTTP/1.1\r\n"
                        + RawClient.upgradeHeaders(),
                403,
                "refused_version");
        assertThat(RecordedLog.lines(Level.WARN, "[a??b?[31m?xxx"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).hasSizeLessThan(300));
    }

    @ParameterizedTest
    @CsvSource({"token=deny, 403", "outcome=busy, 429", "outcome=crash, 500"})
    void whatTheConnectHandlerRefusesIsRefused(String params, int status) {
        isRefused(
                "GET /socket/websocket?" + params + "&vsn=2.0.0 HTTP/1.1\r\n" + RawClient.upgradeHeaders(),
                status,
                "refused_connect");
        assertThat(RecordedLog.lines(Level.ERROR, "connect handler")).hasSize(status == 500 ? 1 : 0);
    }

    @Test
    void anAnswerOfTheConnectHandlerThatNobodyCanUseEndsTheConnection() {
        Live live = start();
        connect(live).send(RawClient.upgradeRequest("&outcome=broken")).ends();
        assertThat(RecordedLog.lines(Level.ERROR, "fault of the server")).hasSize(1);
        assertThat(live.count("connections")).isZero();
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
    void aTokenThatIsNoBase64IsRefused() {
        isRefused(
                GOOD_LINE + RawClient.upgradeHeaders()
                        + "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.!!!\r\n",
                403,
                "refused_request");
    }

    @Test
    void aTokenIsInNoLog() {
        Live live = start();
        String secret = "czNjcmV0LXRva2VuKy8";
        String query = "&token=" + secret + "&user_id=ann";
        String header = "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx." + secret + "\r\n";
        connect(live)
                .send(RawClient.upgradeRequest(query).replace("\r\n\r\n", "\r\n" + header + "\r\n"))
                .upgraded()
                .send(new byte[] {0, 0})
                .isClosedWith(1002);
        for (String params : new String[] {"&vsn=7", "&outcome=crash", "&outcome=busy"}) {
            connect(live)
                    .send(RawClient.upgradeRequest(query + params)
                            .replace("\r\n\r\n", "\r\n" + header + "Origin: http://localhost\r\n\r\n"))
                    .response();
        }
        connect(live)
                .send(RawClient.upgradeRequest(query).replace("\r\n\r\n", "\r\n" + header + "Origin: null\r\n\r\n"))
                .response();
        live.endpoint.disconnect("users:ann");

        assertThat(RecordedLog.lines())
                .hasSizeGreaterThan(3)
                .noneMatch(line -> line.text().contains(secret));
        assertThat(RecordedLog.lines()).noneMatch(line -> line.text().contains("s3cret-token"));
    }

    @Test
    void halfARequestIsClosedInTime() {
        Live live = start(builder -> builder.limits(IMPATIENT));
        beside(live);
        connect(live)
                .send("GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: loc")
                .ends();
        assertThat(live.count("refused_slow_handshake")).isEqualTo(1);
        assertThat(live.count("refused_request")).isZero();
    }

    @Test
    void whoIsConnectedAndSilentIsClosedInTime() {
        Live live = start(builder -> builder.limits(IMPATIENT));
        beside(live);
        connect(live).ends();
        assertThat(live.count("refused_slow_handshake")).isEqualTo(1);
    }

    @Test
    void aByteNowAndThenDoesNotHoldTheConnection() {
        Live live = start(builder -> builder.limits(IMPATIENT));
        beside(live);
        RawClient client = connect(live).send("GET / HTTP/1.1\r\nX: ");
        Live.eventually().until(() -> {
            client.trySend(new byte[] {'x'});
            return live.count("refused_slow_handshake") == 1;
        });
        client.ends();
    }

    @Test
    void aTlsHelloIsClosed() {
        Live live = start(builder -> builder.limits(IMPATIENT));
        beside(live);
        byte[] hello = new byte[200];
        byte[] start = {0x16, 3, 1, 0, (byte) 0xc3, 1, 0, 0, (byte) 0xbf, 3, 3};
        System.arraycopy(start, 0, hello, 0, start.length);
        assertThat(connect(live).send(hello).rest()).startsWith("HTTP/1.1 400 ");
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
        beside(live);
        RawClient client = connect(live).send(head + "\r\n");
        RawClient.Response response = client.response(!head.startsWith("HEAD"));
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(client.restInOrder()).isEmpty();
        assertThat(live.endpoint.counts().entrySet().stream()
                        .filter(count -> count.getKey().startsWith("refused") && count.getValue() > 0))
                .singleElement()
                .hasToString(why + "=1");
        return response;
    }
}
