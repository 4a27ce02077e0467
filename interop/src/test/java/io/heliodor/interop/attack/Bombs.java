package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Clients send a compressed kilobyte that inflates to just below the limit of a message, all the time.
 *
 * @param connections half of them read the answers
 */
record Bombs(int connections) implements AttackVector {
    private static final int INFLATED = (1 << 20) - 200;

    @Override
    public void begin(Swarm swarm) {
        String zeros = "{\"x\":\"" + "0".repeat(INFLATED) + "\"}";
        ByteBuffer echo = Frames.compressedPush("2", swarm.room(0), "echo", zeros);
        ByteBuffer whisper = Frames.compressedPush("2", swarm.room(0), "whisper", zeros);
        for (int i = 0; i < connections; i++) {
            boolean reads = i % 2 == 0;
            swarm.keep(reads ? Set.of(Trait.DEFLATE) : Set.of(Trait.DEFLATE, Trait.DEAF), client -> {
                client.send(Frames.join(swarm.room(0)));
                client.flood(reads ? echo : whisper);
            });
        }
    }
}
