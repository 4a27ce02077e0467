package io.heliodor.interop.attack;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * Clients are present with large metadata, which the server keeps as long as they stay.
 *
 * @param connections that are present
 * @param channels of each of them
 */
record Metas(int connections, int channels) implements AttackVector {
    /** The limit of the playground. */
    private static final int METADATA = 16_000;

    private static final String CONFIG = "{\"config\":{\"presence\":{\"enabled\":false}}}";

    @Override
    public void begin(Swarm swarm) {
        String track = "{\"type\":\"presence\",\"event\":\"track\",\"payload\":" + Frames.payload(METADATA) + "}";
        for (int i = 0; i < connections; i++) {
            int first = i * channels;
            swarm.keep(Set.of(), client -> {
                int[] next = {first};
                client.sendFrom(
                        () -> next[0] < first + channels ? track(swarm.topic("realtime", next[0]++), track) : null);
            });
        }
    }

    private static ByteBuffer track(String topic, String payload) {
        return Frames.together(List.of(Frames.join(topic, CONFIG), Frames.push("2", topic, "presence", payload)));
    }
}
