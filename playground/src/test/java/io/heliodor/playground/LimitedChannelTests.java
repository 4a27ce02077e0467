package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.document.DocumentStore;
import io.heliodor.endpoint.Endpoint;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The contract of the playground for {@code limited:*}, over the network. */
class LimitedChannelTests {
    private static final String OVER = "\\[\"1\",\"[0-9]+\",\"limited:%s\",\"phx_reply\",\\{\"status\":\"error\","
            + "\"response\":\\{\"reason\":\"rate_limited\",\"retry_after_ms\":[1-9][0-9]{0,4}}}]";

    private final LinkedBlockingQueue<String> arrived = new LinkedBlockingQueue<>();

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                arrived.add(text.toString());
                text.setLength(0);
            }
            return WebSocket.Listener.super.onText(from, part, last);
        }
    }

    private List<String> next(int count) throws InterruptedException {
        List<String> frames = new ArrayList<>();
        while (frames.size() < count) {
            String frame = arrived.poll(20, TimeUnit.SECONDS);
            assertThat(frame).as("a frame after %s", frames).isNotNull();
            frames.add(frame);
        }
        return frames;
    }

    private static String ok(String ref, String topic, String response) {
        return "[\"1\",\"" + ref + "\",\"limited:" + topic + "\",\"phx_reply\",{\"status\":\"ok\",\"response\":"
                + response + "}]";
    }

    @Test
    void eachChannelEchoesTenAtOnceAndRefusesMoreWithTheTimeUntilARetry() throws InterruptedException {
        try (Endpoint endpoint = PlaygroundServer.start(
                        "127.0.0.1",
                        0,
                        Optional.empty(),
                        1,
                        Duration.ofMinutes(5),
                        false,
                        Keys.tokens(),
                        DocumentStore.inMemory(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        builder -> builder);
                HttpClient http = HttpClient.newHttpClient()) {
            WebSocket client = http.newWebSocketBuilder()
                    .buildAsync(
                            URI.create("ws://127.0.0.1:" + endpoint.port() + "/socket/websocket?vsn=2.0.0"),
                            new Listener())
                    .join();
            for (String topic : List.of("a", "b")) {
                client.sendText("[\"1\",\"1\",\"limited:" + topic + "\",\"phx_join\",{}]", true)
                        .join();
                assertThat(next(1)).containsExactly(ok("1", topic, "{}"));
                for (int i = 100; i < 300; i++) {
                    client.sendText("[\"1\",\"" + i + "\",\"limited:" + topic + "\",\"echo\",{\"n\":" + i + "}]", true)
                            .join();
                }
                List<String> replies = next(200);
                for (int i = 100; i < 110; i++) {
                    assertThat(replies).contains(ok("" + i, topic, "{\"n\":" + i + "}"));
                }
                assertThat(replies).anyMatch(reply -> reply.matches(OVER.formatted(topic)));
                assertThat(replies)
                        .allMatch(reply -> reply.matches(OVER.formatted(topic)) || reply.contains("\"status\":\"ok\""));
            }
            client.abort();
        }
    }
}
