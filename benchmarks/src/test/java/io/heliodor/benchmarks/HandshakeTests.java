package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class HandshakeTests {
    private final Handshake handshake = new Handshake(Target.of("http://127.0.0.1:4000"));
    private final String request = US_ASCII.decode(handshake.request()).toString();
    private final String accept = Handshake.acceptFor(request.replaceFirst("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1"));

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    @Test
    void theRequestNamesTheSocket() {
        assertThat(request)
                .startsWith("GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n")
                .endsWith("\r\n\r\n");
        assertThat(Target.of("ws://localhost/live/").path()).isEqualTo("/live/websocket?vsn=2.0.0");
    }

    @Test
    void theExampleOfTheStandardIsAccepted() {
        assertThat(Handshake.acceptFor("dGhlIHNhbXBsZSBub25jZQ==")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    @Test
    void bytesAfterTheResponseAreLeft() throws Exception {
        String answer = "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept:" + accept + "\r\n\r\n";
        ByteBuffer in = bytes(answer + "\u0001frame");
        assertThat(handshake.accepted(in)).isTrue();
        assertThat(in.position()).isEqualTo(answer.length());
        ByteBuffer part = bytes(answer.substring(0, answer.length() - 1));
        assertThat(handshake.accepted(part)).isFalse();
        assertThat(part.position()).isZero();
    }

    @Test
    void anyOtherResponseIsRefused() {
        refused("HTTP/1.1 403 Forbidden\r\n\r\n", "403");
        refused("HTTP/1.1 101 Switching Protocols\r\n\r\n", "Sec-WebSocket-Accept");
        refused("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: no\r\n\r\n", "Sec-WebSocket-Accept");
        refused("x".repeat(20_000), "16384 bytes");
    }

    private void refused(String answer, String why) {
        assertThatThrownBy(() -> handshake.accepted(bytes(answer)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(why);
    }
}
