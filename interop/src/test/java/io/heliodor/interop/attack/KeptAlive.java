package io.heliodor.interop.attack;

import java.time.Duration;
import java.util.List;

/**
 * Connections stay by keep-alive: silent after a request, or with one from time to time.
 *
 * @param connections that stay at a time
 */
record KeptAlive(int connections) implements AttackVector {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final String HEAD = " HTTP/1.1\r\nHost: 127.0.0.1\r\nx: " + "x".repeat(7_000) + "\r\n\r\n";
    private static final List<String> PATHS = List.of("/health", "/metrics", "/", "/none", "/socket/websocket");

    @Override
    public void begin(Swarm swarm) {
        swarm.keepRaw(connections, client -> {
            String request = "GET " + PATHS.get(swarm.random().nextInt(PATHS.size())) + HEAD;
            if (swarm.random().nextBoolean()) {
                client.send(request);
            } else {
                swarm.every(PAUSE, () -> client.send(request));
            }
        });
    }
}
