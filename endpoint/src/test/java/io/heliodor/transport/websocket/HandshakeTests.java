package io.heliodor.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTests {
    @Test
    void acceptsAsTheRfcsExample() {
        assertThat(Handshake.accept("dGhlIHNhbXBsZSBub25jZQ==")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    @Test
    void aGoodRequestIsGood() {
        assertThat(Handshake.check(request())).isEmpty();
    }

    @Test
    void listsAndCasesOfTheHeadersDoNotMatter() {
        HttpRequest request = request();
        request.headers().set("connection", "keep-alive, upgrade").set("upgrade", "h2c, WEBSOCKET");
        assertThat(Handshake.check(request)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Connection, 400, connection",
        "Upgrade, 400, upgrade",
        "Sec-WebSocket-Key, 400, sec-websocket-key",
        "Sec-WebSocket-Version, 426, sec-websocket-version"
    })
    void aMissingHeaderIsNamed(String header, int status, String named) {
        HttpRequest request = request();
        request.headers().remove(header);
        assertThat(Handshake.check(request)).hasValueSatisfying(refusal -> {
            assertThat(refusal.status()).isEqualTo(status);
            assertThat(refusal.text()).contains("'" + named + "' header");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "dGhl", "dGhlIHNhbXBsZSBub25jZQ==x", "dGhlIHNhbXBsZSBub25jZXg", "no base64 at all!!!!!!!"})
    void aKeyThatIsNot16BytesIsRefused(String key) {
        HttpRequest request = request();
        request.headers().set("Sec-WebSocket-Key", key);
        assertThat(Handshake.check(request).orElseThrow().status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "8", "", "013", "13, 8", "thirteen"})
    void theResponseToAnotherVersionNamesTheSupportedOne(String version) {
        HttpRequest request = request();
        request.headers().set("Sec-WebSocket-Version", version);
        assertThat(Handshake.check(request).orElseThrow().status()).isEqualTo(426);
    }

    @Test
    void http10IsTooOld() {
        HttpRequest request = request();
        request.setProtocolVersion(HttpVersion.HTTP_1_0);
        assertThat(Handshake.check(request).orElseThrow().status()).isEqualTo(400);
    }

    private static HttpRequest request() {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/socket/websocket");
        request.headers()
                .set("Host", "localhost")
                .set("Connection", "Upgrade")
                .set("Upgrade", "websocket")
                .set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
                .set("Sec-WebSocket-Version", "13");
        return request;
    }
}
