package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client on the wire. */
public final class Page implements WebSocket.Listener, AutoCloseable {
    private static final long DEADLINE_SECONDS = 20;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private final WebSocket socket;

    private Page(int port, String path, Map<String, String> headers, String... protocols) {
        WebSocket.Builder builder = HTTP.newWebSocketBuilder();
        headers.forEach(builder::header);
        if (protocols.length > 0) {
            builder.subprotocols(protocols[0], Arrays.copyOfRange(protocols, 1, protocols.length));
        }
        URI uri = URI.create("ws://127.0.0.1:" + port + path + "/websocket?vsn=2.0.0");
        this.socket = builder.buildAsync(uri, this).join();
    }

    static Page open(int port, String path, Map<String, String> headers) {
        return new Page(port, path, headers);
    }

    static Page open(int port) {
        return open(port, "/socket", Map.of());
    }

    /** A client with the {@code authToken} of phoenix.js. */
    public static Page signedIn(int port, String token) {
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(token.getBytes(StandardCharsets.UTF_8));
        return new Page(port, "/socket", Map.of(), "phoenix", "base64url.bearer.phx." + encoded);
    }

    /** The status with which the handshake is refused. */
    static int refused(int port, Map<String, String> headers) {
        try (Page _ = open(port, "/socket", headers)) {
            throw new AssertionError("The handshake was not refused.");
        } catch (CompletionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                return refused.getResponse().statusCode();
            }
            throw e;
        }
    }

    /** Joins a topic, and returns the reply. */
    public String join(String topic) throws InterruptedException {
        return asks(topic, "phx_join", "{}");
    }

    /** Sends a message, and returns the reply. */
    public String asks(String topic, String event, String payload) throws InterruptedException {
        sends(topic, event, payload);
        String reply = receives();
        assertThat(reply).contains("\"" + topic + "\",\"phx_reply\"");
        return reply.substring(reply.indexOf("{"), reply.length() - 1);
    }

    public void sends(String topic, String event, String payload) {
        socket.sendText("[\"1\",\"1\",\"%s\",\"%s\",%s]".formatted(topic, event, payload), true)
                .join();
    }

    public String receives() throws InterruptedException {
        String next = received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("a message").isNotNull();
        return next;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
        partial.append(text);
        if (last) {
            received.add(partial.toString());
            partial.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        received.add("closed with " + code);
        return null;
    }

    @Override
    public void close() {
        socket.abort();
    }
}
