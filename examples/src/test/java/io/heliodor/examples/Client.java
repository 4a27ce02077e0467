package io.heliodor.examples;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client with just enough of the protocol, over the WebSocket of the JDK. For one thread. */
final class Client implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LinkedBlockingQueue<JsonNode> arrived = new LinkedBlockingQueue<>();
    private final List<JsonNode> waiting = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private int refs;

    private Client(int port, String... tokens) {
        WebSocket.Builder builder = http.newWebSocketBuilder();
        if (tokens.length > 0) {
            builder.subprotocols("phoenix", tokens);
        }
        URI uri = URI.create("ws://127.0.0.1:" + port + "/socket/websocket?vsn=2.0.0");
        socket = builder.buildAsync(uri, new Listener()).join();
    }

    static Client connect(int port) {
        return new Client(port);
    }

    /** Sends the token as phoenix.js does for its option {@code authToken}. */
    static Client connect(int port, String token) {
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        return new Client(
                port,
                "base64url.bearer.phx." + Base64.getEncoder().withoutPadding().encodeToString(bytes));
    }

    /** Joins, and returns the reply of the server, with {@code status} and {@code response}. */
    String join(String topic, String payload) throws InterruptedException {
        return call(topic, "phx_join", payload);
    }

    /** Sends a message and waits for the reply. */
    String call(String topic, String event, String payload) throws InterruptedException {
        String ref = send(topic, event, payload);
        return await(
                        "a reply to " + event + " on " + topic,
                        frame -> frame.get(3).asString().equals("phx_reply")
                                && frame.get(1).asString().equals(ref))
                .toString();
    }

    /** Sends a message. */
    String send(String topic, String event, String payload) {
        String ref = String.valueOf(++refs);
        socket.sendText("[null,\"" + ref + "\",\"" + topic + "\",\"" + event + "\"," + payload + "]", true)
                .join();
        return ref;
    }

    /** Waits for an event, and returns its payload. */
    String next(String topic, String event) throws InterruptedException {
        return await(
                        event + " on " + topic,
                        frame -> frame.get(2).asString().equals(topic)
                                && frame.get(3).asString().equals(event))
                .toString();
    }

    /** Waits for the close frame, and returns its code. */
    int closed() throws InterruptedException {
        return await("the close frame", frame -> frame.get(3).asString().equals("closed"))
                .asInt();
    }

    private JsonNode await(String what, Predicate<JsonNode> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        for (int i = 0; ; i++) {
            if (i == waiting.size()) {
                JsonNode next = arrived.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (next == null) {
                    throw new AssertionError("timed out waiting for " + what + "; received: " + waiting);
                }
                waiting.add(next);
            }
            if (wanted.test(waiting.get(i))) {
                return waiting.remove(i).get(4);
            }
        }
    }

    @Override
    public void close() {
        socket.abort();
        http.close();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                arrived.add(JSON.readTree(text.toString()));
                text.setLength(0);
            }
            return WebSocket.Listener.super.onText(from, part, last);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            arrived.add(JSON.readTree("[null,null,\"\",\"closed\"," + code + "]"));
            return WebSocket.Listener.super.onClose(from, code, reason);
        }
    }
}
