package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * Clients with user keys of 1,000 bytes enter and leave rooms whose members do not read.
 *
 * @param members that do not read, present as well
 * @param guests that enter and leave all the time
 */
record Presences(int members, int guests) implements AttackVector {
    private static final int ROOMS = 10;
    private static final int KEY = 990;

    @Override
    public void begin(Swarm swarm) {
        List<String> rooms = swarm.rooms(0, ROOMS);
        for (int i = 0; i < members + guests; i++) {
            String user = "{\"user\":\"" + Frames.text(KEY) + i + "\"}";
            ByteBuffer joins = Frames.together(
                    rooms.stream().map(room -> Frames.join(room, user)).toList());
            if (i < members) {
                swarm.keep(Set.of(Trait.DEAF), client -> client.send(joins));
            } else {
                ByteBuffer leaves = Frames.together(rooms.stream()
                        .map(room -> Frames.push("2", room, "phx_leave", "{}"))
                        .toList());
                ByteBuffer visit = Frames.together(List.of(joins, leaves));
                swarm.keep(i % 2 == 0 ? Set.of() : Set.of(Trait.DEAF), client -> client.flood(visit));
            }
        }
    }
}
