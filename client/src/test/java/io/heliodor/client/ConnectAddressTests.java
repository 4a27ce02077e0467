package io.heliodor.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConnectAddressTests {
    @Test
    void theTransportAndTheVersionAreAppended() {
        assertThat(websocket("wss://a.example/socket")).isEqualTo("wss://a.example/socket/websocket?vsn=2.0.0");
        assertThat(websocket("https://a.example:8443/x/socket/"))
                .isEqualTo("wss://a.example:8443/x/socket/websocket?vsn=2.0.0");
        assertThat(websocket("ws://[::1]:4000/socket/websocket?a=b"))
                .isEqualTo("ws://[::1]:4000/socket/websocket?a=b&vsn=2.0.0");
    }

    /** Schemes are not case-sensitive (RFC 3986, section 3.1). */
    @Test
    void aSchemeMayHaveCapitals() {
        assertThat(websocket("WS://a/socket")).isEqualTo("ws://a/socket/websocket?vsn=2.0.0");
        assertThat(websocket("HTTPS://a/socket")).isEqualTo("wss://a/socket/websocket?vsn=2.0.0");
    }

    @Test
    void parametersAreEncoded() {
        assertThat(ConnectAddress.websocket(URI.create("ws://a/socket"), Map.of("a b", "c&d"))
                        .toString())
                .isEqualTo("ws://a/socket/websocket?a+b=c%26d&vsn=2.0.0");
    }

    @Test
    void aTokenIsThatOfPhoenixJs() {
        assertThat(ConnectAddress.subprotocols("abc")).containsExactly("phoenix", "base64url.bearer.phx.YWJj");
        assertThat(ConnectAddress.subprotocols("s3cret-token+/"))
                .containsExactly("phoenix", "base64url.bearer.phx.czNjcmV0LXRva2VuKy8".replace('/', '_'));
        assertThat(ConnectAddress.subprotocols("???")).containsExactly("phoenix", "base64url.bearer.phx.Pz8_");
        assertThat(ConnectAddress.subprotocols(null)).isEmpty();
    }

    private static String websocket(String uri) {
        return ConnectAddress.websocket(URI.create(uri), Map.of()).toString();
    }
}
