package io.heliodor.interop.attack;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * Clients join the same topics again and again, leave them or not, and send to each channel before they replace it: to a handler
 * that takes its time, or one with a rate.
 *
 * @param connections that do so
 */
record Rejoins(int connections) implements AttackVector {
    private static final String PAYLOAD = Frames.payload(1 << 10);

    @Override
    public void begin(Swarm swarm) {
        for (int i = 0; i < connections; i++) {
            boolean limited = i % 3 == 0;
            String topic = limited ? swarm.topic("limited", i) : swarm.room(i);
            ByteBuffer join = Frames.join(topic);
            ByteBuffer echo = Frames.push("2", topic, "echo", PAYLOAD);
            ByteBuffer slow = Frames.push("3", topic, "slow", "{\"ms\":100}");
            ByteBuffer leave = Frames.push("4", topic, "phx_leave", "{}");
            List<ByteBuffer> round = switch (i % 3) {
                case 0 -> List.of(join, echo, echo, echo, leave);
                case 1 -> List.of(join, echo, echo, slow, echo);
                default -> List.of(join, slow, echo, leave, echo);
            };
            swarm.keep(Set.of(), client -> client.flood(Frames.together(round)));
        }
    }
}
