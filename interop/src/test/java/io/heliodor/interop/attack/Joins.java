package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Set;

/**
 * Clients send thousands of joins that are refused, or permitted ones with nearly the largest payload.
 *
 * @param knocking clients whose joins are all refused
 * @param loaded clients that join the same topics again and again with 900 KiB each
 */
record Joins(int knocking, int loaded) implements AttackVector {
    private static final int KNOCKS = 10_000;
    private static final int TOPICS = 20;

    @Override
    public void begin(Swarm swarm) {
        ByteBuffer knocks = Frames.together(Collections.nCopies(KNOCKS / 10, Frames.join(swarm.topic("nobody", 0))));
        for (int i = 0; i < knocking; i++) {
            swarm.keep(i % 2 == 0 ? Set.of() : Set.of(Trait.DEAF), client -> {
                int[] left = {KNOCKS};
                client.sendFrom(() -> (left[0] -= KNOCKS / 10) >= 0 ? knocks : null);
            });
        }
        String load = Frames.payload(900 << 10);
        var joins = swarm.rooms(0, TOPICS).stream()
                .map(room -> Frames.join(room, load))
                .toList();
        for (int i = 0; i < loaded; i++) {
            swarm.keep(
                    Set.of(),
                    client -> client.sendFrom(() -> joins.get(swarm.random().nextInt(TOPICS))));
        }
    }
}
