package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Clients write updates of all sizes to documents, read them, and send cursors that are none, as fast as they can. Half of them
 * take nothing.
 *
 * @param connections that do so
 */
record Documents(int connections) implements AttackVector {
    private static final int TOPICS = 12;
    private static final int[] SIZES = {1, 1, 1, 1_000, 1_000, 60_000, 900_000};
    private static final int MAX_CURSOR = 16 << 10;

    @Override
    public void begin(Swarm swarm) {
        for (int i = 0; i < connections; i++) {
            String topic = swarm.topic("doc", i % TOPICS);
            List<ByteBuffer> messages = new ArrayList<>();
            for (int size : SIZES) {
                // No snapshot: it replaces nothing.
                messages.add(Frames.push("2", topic, "write", new byte[Long.BYTES + size]));
            }
            messages.add(Frames.push("3", topic, "read", "{\"after\":0}"));
            messages.add(Frames.push("4", topic, "awareness", new byte[0]));
            messages.add(Frames.push("4", topic, "awareness", new byte[MAX_CURSOR]));
            Set<Trait> traits = i % 2 == 0 ? Set.of() : Set.of(Trait.DEAF);
            String page = "{\"client\":" + i + ",\"secret\":\"s" + i + "\"}";
            swarm.keep(traits, client -> {
                client.send(Frames.join(topic, page));
                client.sendFrom(() -> messages.get(swarm.random().nextInt(messages.size())));
            });
        }
    }
}
