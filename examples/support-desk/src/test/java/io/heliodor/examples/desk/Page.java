package io.heliodor.examples.desk;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.Call;
import io.heliodor.event.Event;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A page of one person on the wire. One thread uses it. */
final class Page implements WebSocket.Listener, AutoCloseable {
    private static final long DEADLINE_SECONDS = 20;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    static final JsonMapper JSON = JsonMapper.shared();

    /** A message of the server; the end of the connection has the event {@code closed}. */
    record Frame(String ref, String topic, String event, JsonNode payload) {}

    /** The connection has ended. */
    static final class Closed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final BlockingQueue<Frame> received = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private final WebSocket socket;
    private int refs;

    private Page(int port, String token) {
        socket = HTTP.newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/socket/websocket?vsn=2.0.0"), this)
                .join();
    }

    static Page open(int port, String token) {
        return new Page(port, token);
    }

    /** The status with which the handshake is refused. */
    static int refused(int port, String token) {
        try (Page _ = open(port, token)) {
            throw new AssertionError("The handshake was not refused.");
        } catch (CompletionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                return refused.getResponse().statusCode();
            }
            throw e;
        }
    }

    /** The reply to a join. */
    JsonNode join(String topic) throws InterruptedException {
        return join(topic, JSON.createObjectNode());
    }

    JsonNode join(String topic, JsonNode params) throws InterruptedException {
        JsonNode reply = reply(topic, "phx_join", params);
        assertThat(reply.get("status").asString()).as(reply.toString()).isEqualTo("ok");
        return reply.get("response");
    }

    <T> T join(String topic, Class<T> state) throws InterruptedException {
        return JSON.treeToValue(join(topic), state);
    }

    String joinRefused(String topic) throws InterruptedException {
        return refusal(reply(topic, "phx_join", JSON.createObjectNode()));
    }

    <Q, R> R call(String topic, Call<Q, R, ?> call, Q request) throws InterruptedException {
        JsonNode reply = reply(topic, call.name(), JSON.valueToTree(request));
        assertThat(reply.get("status").asString()).as(reply.toString()).isEqualTo("ok");
        return JSON.treeToValue(
                reply.get("response"), JSON.constructType(call.reply().type()));
    }

    <Q> String callRefused(String topic, Call<Q, ?, ?> call, Q request) throws InterruptedException {
        return refusal(reply(topic, call.name(), JSON.valueToTree(request)));
    }

    private static String refusal(JsonNode reply) {
        assertThat(reply.get("status").asString()).as(reply.toString()).isEqualTo("error");
        return reply.get("response").get("reason").asString();
    }

    JsonNode reply(String topic, String event, JsonNode payload) throws InterruptedException {
        String ref = send(topic, event, payload);
        return next(frame -> frame.ref().equals(ref)).payload();
    }

    <T> void push(String topic, Event<T> event, T payload) {
        send(topic, event.name(), JSON.valueToTree(payload));
    }

    String send(String topic, String event, JsonNode payload) {
        String ref = String.valueOf(++refs);
        var frame =
                JSON.createArrayNode().add(topic).add(ref).add(topic).add(event).add(payload);
        try {
            socket.sendText(frame.toString(), true).join();
        } catch (CompletionException e) {
            throw new Closed();
        }
        return ref;
    }

    /** The next event on a topic; other messages before it are dropped. */
    <T> T expect(String topic, Event<T> event) throws InterruptedException {
        return expect(topic, event, any -> true);
    }

    <T> T expect(String topic, Event<T> event, Predicate<T> wanted) throws InterruptedException {
        while (true) {
            Frame frame = next(one -> one.topic().equals(topic) && one.event().equals(event.name()));
            T payload = JSON.treeToValue(
                    frame.payload(), JSON.constructType(event.type().type()));
            if (wanted.test(payload)) {
                return payload;
            }
        }
    }

    /** The next message that fits; those before it are dropped. */
    Frame next(Predicate<Frame> wanted) throws InterruptedException {
        while (true) {
            Frame frame = received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
            assertThat(frame).as("a message").isNotNull();
            if (wanted.test(frame)) {
                return frame;
            }
            if (frame.event().equals("closed")) {
                throw new Closed();
            }
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
        partial.append(text);
        if (last) {
            JsonNode frame = JSON.readTree(partial.toString());
            received.add(new Frame(
                    frame.get(1).asString(""),
                    frame.get(2).asString(),
                    frame.get(3).asString(),
                    frame.get(4)));
            partial.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        received.add(new Frame("", "", "closed", JSON.createObjectNode().put("code", code)));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        received.add(new Frame("", "", "closed", JSON.createObjectNode()));
    }

    @Override
    public void close() {
        socket.abort();
    }
}
