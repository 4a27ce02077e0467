package io.heliodor.interop.attack;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;

/**
 * Members of rooms with much traffic read one byte a second, or stop in the middle of a message.
 *
 * @param connections that do so
 */
record Stalls(int connections) implements AttackVector {
    private static final int ROOMS = 4;
    private static final Duration PAUSE = Duration.ofMillis(100);

    @Override
    public void begin(Swarm swarm) {
        for (int i = 0; i < connections; i++) {
            boolean crawls = i % 2 == 0;
            String room = swarm.room(i % ROOMS);
            swarm.keep(Set.of(), client -> {
                client.send(Frames.join(room));
                if (crawls) {
                    client.connection().readSlowly(1);
                } else {
                    swarm.after(
                            Duration.ofMillis(swarm.random().nextInt(2_000)),
                            () -> client.connection().readSlowly(1));
                }
            });
        }
        String payload = Frames.payload(100 << 10);
        for (int i = 0; i < ROOMS; i++) {
            String room = swarm.room(i);
            ByteBuffer whisper = Frames.push("2", room, "whisper", payload);
            swarm.keep(Set.of(), client -> {
                client.send(Frames.join(room));
                swarm.every(PAUSE, () -> client.send(whisper));
            });
        }
    }
}
