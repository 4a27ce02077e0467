package io.heliodor.interop.attack;

import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Clients connect, join many topics and reset the connection, as fast as they can.
 *
 * @param connections that are open at a time
 * @param topics that each of them joins
 */
record Churn(int connections, int topics) implements AttackVector {
    @Override
    public void begin(Swarm swarm) {
        for (int i = 0; i < connections; i++) {
            ByteBuffer joins = Frames.together(
                    swarm.rooms(i * topics, topics).stream().map(Frames::join).toList());
            visit(swarm, joins);
        }
    }

    private void visit(Swarm swarm, ByteBuffer joins) {
        swarm.once(
                Set.of(),
                client -> {
                    client.send(joins);
                    // Some go before all of their joins are answered.
                    int[] left = {1 + swarm.random().nextInt(topics)};
                    client.onMessage(message -> {
                        if (--left[0] == 0) {
                            client.connection().reset();
                            client.lost();
                        }
                    });
                },
                () -> visit(swarm, joins));
    }
}
