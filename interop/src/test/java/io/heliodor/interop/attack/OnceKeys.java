package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;

/**
 * Clients fill the memory of calls that are executed once with large answers, each for an id of its own, while others call now
 * and then and must not be refused.
 *
 * @param hostile clients that call all the time, half of them with small answers
 * @param modest clients that call twice a second
 */
record OnceKeys(int hostile, int modest) implements AttackVector {
    private static final Duration PAUSE = Duration.ofMillis(500);

    @Override
    public void begin(Swarm swarm) {
        String room = swarm.room(0);
        String large = Frames.text(60_000);
        for (int i = 0; i < hostile; i++) {
            String text = i % 2 == 0 ? large : "x";
            int[] calls = new int[1];
            swarm.keep(room.replace(':', '-') + "-" + i, Set.of(), client -> {
                client.send(Frames.join(room));
                client.sendFrom(() -> call(room, "k" + ++calls[0], text));
            });
        }
        for (int i = 0; i < modest; i++) {
            int[] calls = new int[1];
            swarm.innocent(
                    room.replace(':', '-') + "-modest-" + i,
                    client -> swarm.join(client, room, () -> {
                        client.onMessage(reply -> {
                            if (!reply.contains("\"ok\"")) {
                                swarm.violation("a modest client got " + reply.start());
                            }
                        });
                        swarm.every(PAUSE, () -> client.send(call(room, "k" + ++calls[0], "x")));
                    }));
        }
    }

    private static ByteBuffer call(String room, String key, String text) {
        String payload = "{\"key\":\"" + key + "\",\"text\":\"" + text + "\"}";
        byte[] message = ("[\"1\",\"2\",\"" + room + "\",\"once\"," + payload + "]").getBytes(UTF_8);
        return Frames.frame(Frames.TEXT, message);
    }
}
