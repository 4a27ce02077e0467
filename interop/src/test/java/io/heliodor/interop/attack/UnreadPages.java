package io.heliodor.interop.attack;

import java.time.Duration;

/**
 * Connections send many requests for a page in a row and read none of the answers.
 *
 * @param connections that do so
 */
record UnreadPages(int connections) implements AttackVector {
    private static final int REQUESTS = 200;
    private static final Duration PAUSE = Duration.ofSeconds(5);

    @Override
    public void begin(Swarm swarm) {
        String request = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        swarm.keepRaw(connections, client -> {
            client.connection().reading(false);
            // A write shows later whether the server has closed it.
            swarm.every(PAUSE, () -> client.send(request.repeat(REQUESTS)));
        });
    }
}
