package io.heliodor.client.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.fixtures.RawServer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The socket of the JDK and a server that writes byte by byte. */
class JdkSocketTests implements ClientSocket.Listener {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private final RawServer server;
    private final JdkSocket socket = new JdkSocket(HttpClient.newHttpClient());
    private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();

    JdkSocketTests() throws IOException {
        server = new RawServer();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private void connect(int maxBytes) {
        socket.connect(new ClientSocket.Handshake(server.uri(), Map.of("X-Test", "yes"), List.of(), maxBytes), this);
    }

    private void open(int maxBytes) throws Exception {
        connect(maxBytes);
        String request = server.accept();
        assertThat(request).containsIgnoringCase("x-test: yes");
        assertThat(next()).isEqualTo("opened");
    }

    private @Nullable String next() throws InterruptedException {
        return events.poll(30, TimeUnit.SECONDS);
    }

    @Test
    void fragmentsAreJoined() throws Exception {
        open(100);
        byte[] text = "aéb".getBytes(UTF_8);
        server.frame(false, TEXT, Arrays.copyOf(text, 2)); // ends within a character
        server.frame(true, PING, new byte[] {7});
        server.frame(false, CONTINUATION, new byte[] {text[2]});
        server.frame(true, CONTINUATION, new byte[] {'b'});
        server.frame(false, BINARY, new byte[] {1, 2});
        server.frame(true, CONTINUATION, new byte[] {3});
        socket.request();
        assertThat(next()).isEqualTo("text aéb");
        socket.request();
        assertThat(next()).isEqualTo("binary [1, 2, 3]");
        RawServer.Frame pong = server.read();
        assertThat(pong.opcode()).isEqualTo(PONG);
        assertThat(pong.payload()).containsExactly(7);
    }

    @Test
    void messagesAreSentWhole() throws Exception {
        open(100);
        socket.send(false, ByteBuffer.wrap("é😀".getBytes(UTF_8)));
        assertThat(next()).isEqualTo("sent");
        socket.send(true, ByteBuffer.wrap(new byte[] {5, 6}).asReadOnlyBuffer());
        assertThat(next()).isEqualTo("sent");
        assertThat(new String(server.read().payload(), UTF_8)).isEqualTo("é😀");
        assertThat(server.read().payload()).containsExactly(5, 6);
    }

    @Test
    void aMessageOfTheMaximumSizeIsReceived() throws Exception {
        open(100);
        server.frame(true, TEXT, "x".repeat(100).getBytes(UTF_8));
        socket.request();
        assertThat(next()).isEqualTo("text " + "x".repeat(100));
    }

    @Test
    void ofALongerTextTheBeginningIsKeptAndTheNextMessageIsReceived() throws Exception {
        open(100);
        server.frame(true, TEXT, "é".repeat(51).getBytes(UTF_8));
        server.frame(true, TEXT, "next".getBytes(UTF_8));
        socket.request();
        assertThat(next()).isEqualTo("oversized 102 " + "é".repeat(51));
        socket.request();
        assertThat(next()).isEqualTo("text next");
    }

    @Test
    void ofLongerFragmentsTheBeginningIsKept() throws Exception {
        open(5_000);
        for (int opcode : new int[] {TEXT, BINARY}) {
            server.frame(false, opcode, "a".repeat(3_000).getBytes(UTF_8));
            for (int i = 0; i < 20; i++) {
                server.frame(false, CONTINUATION, "b".repeat(3_000).getBytes(UTF_8));
            }
            server.frame(true, CONTINUATION, "c".repeat(3_000).getBytes(UTF_8));
            socket.request();
            assertThat(next()).isEqualTo("oversized 4096 " + "a".repeat(3_000) + "b".repeat(1_096));
        }
        server.frame(true, BINARY, new byte[] {1});
        socket.request();
        assertThat(next()).isEqualTo("binary [1]");
    }

    @Test
    void theCloseCodeOfTheServerIsReported() throws Exception {
        open(100);
        socket.request();
        server.frame(true, CLOSE, new byte[] {(byte) (4403 >> 8), (byte) 4403, 'n', 'o'});
        assertThat(next()).isEqualTo("closed 4403 no");
    }

    @Test
    void aCutConnectionIsReported() throws Exception {
        open(100);
        socket.request();
        server.cut();
        assertThat(next()).startsWith("closed 1006");
    }

    @Test
    void textThatIsNotUtf8EndsTheConnection() throws Exception {
        open(100);
        socket.request();
        server.frame(true, TEXT, new byte[] {(byte) 0xc3, '('});
        assertThat(next()).startsWith("closed 1006");
    }

    @Test
    void anIllegalCloseCodeIsSentAsNormal() throws Exception {
        open(100);
        socket.close(1002, "why");
        RawServer.Frame close = server.read();
        assertThat(close.closeCode()).isEqualTo(1000);
        assertThat(new String(close.payload(), 2, 3, UTF_8)).isEqualTo("why");
    }

    @Test
    void nothingIsReportedAfterClose() throws Exception {
        open(100);
        server.frame(true, TEXT, new byte[] {'x'});
        socket.close(1000, "");
        assertThat(server.read().opcode()).isEqualTo(CLOSE);
        server.frame(true, CLOSE, new byte[] {(byte) (1000 >> 8), (byte) 1000});
        assertThatThrownBy(server::read).as("the end of the connection").isInstanceOf(IOException.class);
        assertThat(events).isEmpty();
    }

    @Test
    void aRefusalHasItsStatusAndItsDelay() throws Exception {
        connect(100);
        server.refuse("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
        assertThat(next()).isEqualTo("failed 429 Optional[PT7S]");
    }

    @Test
    void aServerThatDoesNotListenIsAFailure() throws Exception {
        server.close();
        connect(100);
        assertThat(next()).isEqualTo("failed 0 Optional.empty");
    }

    @Test
    void aHandshakeThatHangsEnds() throws Exception {
        JdkSocket impatient = new JdkSocket(HttpClient.newHttpClient(), Duration.ofMillis(50));
        impatient.connect(new ClientSocket.Handshake(server.uri(), Map.of(), List.of(), 100), this);
        assertThat(next()).isEqualTo("failed 0 Optional.empty");
    }

    @Test
    void anAnswerThatIsNotHttpIsAFailure() throws Exception {
        connect(100);
        server.refuse("nonsense\r\n\r\n");
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
        events.add("oversized " + head.length + " " + new String(head, UTF_8));
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
