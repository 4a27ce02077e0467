package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server for a test in one line, and the address of its socket. */
@Timeout(30)
class LoopbackTests {
    private final UserSocket<Object> socket = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
            .build();

    @Test
    void aClientOfTheWireJoins() throws InterruptedException {
        LinkedBlockingQueue<String> frames = new LinkedBlockingQueue<>();
        try (Endpoint server = Endpoint.onLoopback(socket);
                HttpClient http = HttpClient.newHttpClient()) {
            WebSocket ana = http.newWebSocketBuilder()
                    .buildAsync(server.webSocketUri("/socket"), new WebSocket.Listener() {
                        @Override
                        public CompletionStage<?> onText(WebSocket from, CharSequence frame, boolean last) {
                            frames.add(frame.toString());
                            return WebSocket.Listener.super.onText(from, frame, last);
                        }
                    })
                    .join();
            ana.sendText("[\"1\",\"1\",\"room:1\",\"phx_join\",{}]", true).join();
            assertThat(frames.take())
                    .isEqualTo("[\"1\",\"1\",\"room:1\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]");
            ana.abort();
        }
    }

    @Test
    void theAddressNamesThePortThePathAndTheVersion() {
        try (Endpoint server = Endpoint.onLoopback(socket)) {
            assertThat(server.webSocketUri("/socket"))
                    .hasToString("ws://127.0.0.1:" + server.port() + "/socket/websocket?vsn=2.0.0");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> server.webSocketUri("/other"))
                    .withMessage("No socket is mounted at '/other', but at [/socket].");
        }
    }

    @Test
    void anEndpointOnAllAddressesIsThatOfThisMachine() {
        try (Endpoint server =
                Endpoint.builder().port(0).socket("/live", socket).build()) {
            assertThatIllegalStateException().isThrownBy(() -> server.webSocketUri("/live"));
            server.start();
            assertThat(server.webSocketUri("/live"))
                    .hasToString("ws://localhost:" + server.port() + "/live/websocket?vsn=2.0.0");
        }
    }
}
