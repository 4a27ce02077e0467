package io.heliodor.interop.attack;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Clients join topics with a full history again and again, each time requesting all of it, and read nothing.
 *
 * @param connections that join
 * @param topics whose history is full
 */
record Replays(int connections, int topics) implements AttackVector {
    private static final int REJOINS = 50;

    /** A token, or an epoch with an offset. */
    private static final Pattern POSITION =
            Pattern.compile("\"history\":\\{(?:\"token\":(\"[^\"]*\")|(\"epoch\":\"[^\"]*\",\"offset\":\\d+))");

    @Override
    public void begin(Swarm swarm) {
        Map<String, ByteBuffer> joins = new HashMap<>();
        int[] full = new int[1];
        for (int i = 0; i < topics; i++) {
            String topic = swarm.topic("history", i);
            swarm.once(
                    Set.of(),
                    writer -> HistoryWriter.fill(
                            swarm, writer, topic, reply -> joins.put(topic, joinSince(topic, reply)), () -> {
                                if (++full[0] == topics) {
                                    join(swarm, Frames.together(joins.values()));
                                }
                            }),
                    () -> {});
        }
    }

    private void join(Swarm swarm, ByteBuffer joins) {
        swarm.keep(connections, Set.of(Trait.DEAF), client -> {
            for (int i = 0; i < REJOINS; i++) {
                client.send(joins);
            }
        });
    }

    private static ByteBuffer joinSince(String topic, String reply) {
        Matcher position = POSITION.matcher(reply);
        if (!position.find()) {
            throw new AssertionError("no position in " + reply);
        }
        String since = position.group(1) == null ? "{" + position.group(2) + "}" : position.group(1);
        return Frames.join(topic, "{\"since\":" + since + "}");
    }
}
