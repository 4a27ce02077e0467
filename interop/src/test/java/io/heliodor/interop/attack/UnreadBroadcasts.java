package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * Clients join many topics and read nothing, while another one sends 100 KiB to each of these topics in turn.
 *
 * @param circles how often this happens side by side, each time with topics of its own
 * @param members that do not read in each circle
 * @param topics of each circle
 */
record UnreadBroadcasts(int circles, int members, int topics) implements AttackVector {
    @Override
    public void begin(Swarm swarm) {
        String payload = Frames.payload(100 << 10);
        for (int circle = 0; circle < circles; circle++) {
            List<String> rooms = swarm.rooms(circle * topics, topics);
            ByteBuffer joins = Frames.together(rooms.stream().map(Frames::join).toList());
            for (int i = 0; i < members; i++) {
                swarm.keep(
                        i % 4 == 0 ? Set.of(Trait.DEAF, Trait.DEFLATE) : Set.of(Trait.DEAF),
                        client -> client.send(joins));
            }
            List<ByteBuffer> whispers = rooms.stream()
                    .map(room -> Frames.push("2", room, "whisper", payload))
                    .toList();
            swarm.keep(Set.of(), client -> {
                client.send(joins);
                client.sendFrom(() -> whispers.get(swarm.random().nextInt(topics)));
            });
        }
    }
}
