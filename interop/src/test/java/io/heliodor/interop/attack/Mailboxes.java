package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Clients fill the mailboxes of many channels, whose handlers sleep, to just below the bound of each.
 *
 * @param connections half of them send large messages, half small ones
 * @param channels of each connection
 */
record Mailboxes(int connections, int channels) implements AttackVector {
    private static final int LARGE = 64 << 10;
    private static final int LARGE_MESSAGES = 15;
    private static final int SMALL_MESSAGES = 980;

    @Override
    public void begin(Swarm swarm) {
        String large = Frames.payload(LARGE - 100);
        for (int i = 0; i < connections; i++) {
            boolean isLarge = i % 2 == 0;
            List<String> topics = swarm.rooms(i * channels, channels);
            swarm.keep(Set.of(Trait.DEAF), client -> {
                client.send(Frames.together(topics.stream().map(Frames::join).toList()));
                client.send(Frames.together(topics.stream()
                        .map(topic -> Frames.push("2", topic, "slow", "{\"ms\":10000}"))
                        .toList()));
                var rest = topics.iterator();
                client.sendFrom(() -> rest.hasNext() ? fill(rest.next(), isLarge ? large : "{}", isLarge) : null);
            });
        }
    }

    private static ByteBuffer fill(String topic, String payload, boolean isLarge) {
        ByteBuffer message = Frames.push("3", topic, "echo", payload);
        List<ByteBuffer> messages =
                new ArrayList<>(Collections.nCopies(isLarge ? LARGE_MESSAGES : SMALL_MESSAGES, message));
        return Frames.together(messages);
    }
}
