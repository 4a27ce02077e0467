package io.heliodor.interop.attack;

import java.util.Set;

/**
 * Clients fill the history of one topic after the other with large notes and leave it.
 *
 * @param connections that do so side by side
 */
record Histories(int connections) implements AttackVector {
    @Override
    public void begin(Swarm swarm) {
        int[] topics = new int[1];
        for (int i = 0; i < connections; i++) {
            swarm.keep(Set.of(), client -> fillNext(swarm, client, topics));
        }
    }

    private static void fillNext(Swarm swarm, Client client, int[] topics) {
        String topic = swarm.topic("history", topics[0]++);
        HistoryWriter.fill(swarm, client, topic, reply -> {}, () -> {
            client.send(Frames.push("3", topic, "phx_leave", "{}"));
            client.onMessage(message -> {
                if (message.contains("phx_close")) {
                    fillNext(swarm, client, topics);
                }
            });
        });
    }
}
