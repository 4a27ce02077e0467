package io.heliodor.interop.attack;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * Clients join a channel, let its handler throw, and join again, all the time.
 *
 * @param connections that do so
 */
record Crashes(int connections) implements AttackVector {
    @Override
    public void begin(Swarm swarm) {
        for (int i = 0; i < connections; i++) {
            String room = swarm.room(i);
            ByteBuffer once = Frames.together(List.of(
                    Frames.join(room), Frames.push("2", room, "crash", "{}"), Frames.push("3", room, "echo", "{}")));
            swarm.keep(Set.of(), client -> {
                client.send(once);
                client.onMessage(message -> {
                    if (message.contains("phx_error")) {
                        client.send(once);
                    }
                });
            });
        }
    }
}
