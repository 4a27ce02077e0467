package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Clients request large echoes all the time and read none of them. */
record UnreadReplies(int connections) implements AttackVector {
    @Override
    public void begin(Swarm swarm) {
        List<ByteBuffer> echoes = Stream.of(64 << 10, 300 << 10, 900 << 10)
                .map(size -> Frames.push("2", swarm.room(0), "echo", Frames.payload(size)))
                .toList();
        for (int i = 0; i < connections; i++) {
            Set<Trait> traits = i % 4 == 0 ? Set.of(Trait.DEAF, Trait.DEFLATE) : Set.of(Trait.DEAF);
            swarm.keep(traits, client -> {
                client.send(Frames.join(swarm.room(0)));
                client.sendFrom(() -> echoes.get(swarm.random().nextInt(echoes.size())));
            });
        }
    }
}
