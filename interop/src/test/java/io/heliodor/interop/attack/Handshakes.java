package io.heliodor.interop.attack;

import java.time.Duration;

/**
 * Connections that never finish their request: silent ones, half requests, headers that come slowly up to their limit.
 *
 * @param connections that are open at a time
 */
record Handshakes(int connections) implements AttackVector {
    private static final int HEADERS = 15_800;
    private static final Duration PAUSE = Duration.ofMillis(100);

    @Override
    public void begin(Swarm swarm) {
        String header = "X-Slow: " + "a".repeat(490) + "\r\n";
        swarm.keepRaw(connections, client -> {
            switch (swarm.random().nextInt(4)) {
                case 0 -> {}
                case 1 -> client.send("GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: 127");
                case 2 -> {
                    client.send("GET /socket/websocket?vsn=2.0.0&" + "q".repeat(7_900) + " HTTP/1.1\r\n");
                    client.send(header.repeat(HEADERS / header.length()));
                }
                default -> {
                    client.send("GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\n");
                    int[] left = {HEADERS / header.length()};
                    swarm.every(PAUSE, () -> {
                        if (left[0]-- > 0) {
                            client.send(header);
                        }
                    });
                }
            }
        });
    }
}
