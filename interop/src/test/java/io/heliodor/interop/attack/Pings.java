package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;

/**
 * Clients send as many large pings as they may, some of them more, and read no pong.
 *
 * @param connections that do so
 */
record Pings(int connections) implements AttackVector {
    private static final int ALLOWED_AT_ONCE = 90;
    private static final Duration ALLOWED_EVERY = Duration.ofMillis(125);

    @Override
    public void begin(Swarm swarm) {
        ByteBuffer ping = Frames.ping(125);
        ByteBuffer burst = Frames.together(Collections.nCopies(ALLOWED_AT_ONCE, ping));
        for (int i = 0; i < connections; i++) {
            boolean greedy = i % 4 == 0;
            swarm.keep(Set.of(Trait.DEAF), client -> {
                client.send(burst);
                if (greedy) {
                    client.flood(burst);
                } else {
                    swarm.every(ALLOWED_EVERY, () -> client.send(ping));
                }
            });
        }
    }
}
