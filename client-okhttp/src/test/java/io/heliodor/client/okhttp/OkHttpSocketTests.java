package io.heliodor.client.okhttp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.client.socket.ClientSocket;
import io.heliodor.fixtures.RawServer;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The socket of OkHttp and a server that writes byte by byte. */
class OkHttpSocketTests implements ClientSocket.Listener {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;

    private final RawServer server;
    private final OkHttpClient http = new OkHttpClient();
    private final OkHttpSocket socket = new OkHttpSocket(http);
    private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();

    OkHttpSocketTests() throws IOException {
        server = new RawServer();
    }

    @AfterEach
    void close() throws IOException {
        socket.close(1000, "");
        server.close();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    private void connect(List<String> subprotocols) {
        socket.connect(new ClientSocket.Handshake(server.uri(), Map.of("X-Test", "yes"), subprotocols, 100), this);
    }

    private void open() throws Exception {
        connect(List.of());
        assertThat(server.accept()).containsIgnoringCase("x-test: yes").startsWith("GET /socket/websocket?vsn=2.0.0 ");
        assertThat(next()).isEqualTo("opened");
    }

    private @Nullable String next() throws InterruptedException {
        return events.poll(30, TimeUnit.SECONDS);
    }

    @Test
    void aMessageWaitsForItsRequest() throws Exception {
        open();
        server.frame(false, TEXT, "aé".getBytes(UTF_8));
        server.frame(true, CONTINUATION, "b".getBytes(UTF_8));
        server.frame(true, BINARY, new byte[] {1, 2, 3});
        socket.send(false, ByteBuffer.wrap(new byte[] {'x'}));
        assertThat(next()).isEqualTo("sent");
        assertThat(server.read().payload()).containsExactly('x');
        assertThat(events).as("nothing was requested").isEmpty();
        socket.request();
        assertThat(next()).isEqualTo("text aéb");
        socket.request();
        assertThat(next()).isEqualTo("binary [1, 2, 3]");
    }

    @Test
    void aSchemeMayHaveCapitals() throws Exception {
        URI capitals = URI.create(server.uri().toString().replaceFirst("^ws", "WS"));
        socket.connect(new ClientSocket.Handshake(capitals, Map.of(), List.of(), 100), this);
        assertThat(server.accept()).startsWith("GET /socket/websocket?vsn=2.0.0 ");
        assertThat(next()).isEqualTo("opened");
    }

    @Test
    void messagesAreSentWhole() throws Exception {
        open();
        socket.send(false, ByteBuffer.wrap("é😀".getBytes(UTF_8)));
        assertThat(next()).isEqualTo("sent");
        socket.send(true, ByteBuffer.wrap(new byte[] {5, 6}).asReadOnlyBuffer());
        assertThat(next()).isEqualTo("sent");
        assertThat(new String(server.read().payload(), UTF_8)).isEqualTo("é😀");
        assertThat(server.read().payload()).containsExactly(5, 6);
    }

    @Test
    void subprotocolsAreOffered() throws Exception {
        connect(List.of("phoenix", "base64url.bearer.phx.dG9rZW4"));
        assertThat(server.accept())
                .containsIgnoringCase("sec-websocket-protocol: phoenix, base64url.bearer.phx.dG9rZW4");
    }

    @Test
    void ofALongerMessageTheBeginningIsKeptAndTheNextMessageIsReceived() throws Exception {
        open();
        server.frame(true, TEXT, "é".repeat(50).getBytes(UTF_8));
        server.frame(true, TEXT, "é".repeat(51).getBytes(UTF_8));
        server.frame(true, BINARY, new byte[5_000]);
        server.frame(true, TEXT, "next".getBytes(UTF_8));
        socket.request();
        assertThat(next()).isEqualTo("text " + "é".repeat(50));
        socket.request();
        assertThat(next()).isEqualTo("oversized text 102");
        socket.request();
        assertThat(next()).isEqualTo("oversized binary 4096");
        socket.request();
        assertThat(next()).isEqualTo("text next");
    }

    @Test
    void theCloseCodeOfTheServerIsReportedAfterItsMessages() throws Exception {
        open();
        server.frame(true, TEXT, new byte[] {'x'});
        server.frame(true, CLOSE, new byte[] {(byte) (4403 >> 8), (byte) 4403, 'n', 'o'});
        socket.request();
        assertThat(next()).isEqualTo("text x");
        assertThat(next()).isEqualTo("closed 4403 no");
        assertThat(server.read().opcode()).isEqualTo(CLOSE);
    }

    @Test
    void aCutConnectionIsReported() throws Exception {
        open();
        server.cut();
        assertThat(next()).startsWith("closed 1006");
    }

    @Test
    void ofAMessageThatWaitsNothingIsReportedAfterClose() throws Exception {
        open();
        server.frame(true, TEXT, new byte[] {'x'});
        socket.close(1002, "why");
        RawServer.Frame close = server.read();
        assertThat(close.closeCode()).isEqualTo(1002);
        assertThat(new String(close.payload(), 2, 3, UTF_8)).isEqualTo("why");
        server.frame(true, CLOSE, close.payload());
        http.dispatcher().executorService().shutdown();
        assertThat(http.dispatcher().executorService().awaitTermination(30, TimeUnit.SECONDS))
                .as("its reading thread ends")
                .isTrue();
        assertThat(events).isEmpty();
    }

    @Test
    void aRefusalHasItsStatusAndItsDelay() throws Exception {
        connect(List.of());
        server.refuse("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
        assertThat(next()).isEqualTo("failed 429 Optional[PT7S]");
    }

    @Test
    void aServerThatDoesNotListenIsAFailure() throws Exception {
        server.close();
        connect(List.of());
        assertThat(next()).isEqualTo("failed 0 Optional.empty");
    }

    @Override
    public void opened() {
        events.add("opened");
    }

    @Override
    public void failed(ClientSocket.Failure failure) {
        events.add("failed " + failure.status() + " " + failure.retryAfter());
    }

    @Override
    public void received(boolean isBinary, byte[] message) {
        events.add(isBinary ? "binary " + Arrays.toString(message) : "text " + new String(message, UTF_8));
    }

    @Override
    public void oversized(boolean isBinary, byte[] head) {
        events.add("oversized " + (isBinary ? "binary " : "text ") + head.length);
    }

    @Override
    public void sent() {
        events.add("sent");
    }

    @Override
    public void closed(int code, String reason) {
        events.add("closed " + code + " " + reason);
    }
}
