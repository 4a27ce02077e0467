package io.heliodor.interop.attack;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Fills the history of a topic with large notes, a few at a time, so that the writer itself keeps up with its own notes. */
final class HistoryWriter {
    private static final int NOTES = 100;
    private static final int AT_ONCE = 5;
    private static final String PAYLOAD = Frames.payload(60 << 10);

    private final Client client;
    private final ByteBuffer note;
    private final Runnable full;
    private int sent;
    private int received;

    private HistoryWriter(Client client, String topic, Runnable full) {
        this.client = client;
        this.full = full;
        note = Frames.push("2", topic, "note", PAYLOAD);
    }

    /**
     * Joins a topic and fills its history.
     *
     * @param joined receives the reply to the join
     * @param full called when all notes have come back
     */
    static void fill(Swarm swarm, Client client, String topic, Consumer<String> joined, Runnable full) {
        swarm.join(client, topic, reply -> {
            joined.accept(reply.start());
            new HistoryWriter(client, topic, full).begin();
        });
    }

    private void begin() {
        client.onMessage(this::received);
        for (int i = 0; i < AT_ONCE; i++) {
            send();
        }
    }

    private void received(MessageReader message) {
        if (message.contains("phx_reply")) {
            return;
        }
        if (++received == NOTES) {
            full.run();
        } else {
            send();
        }
    }

    private void send() {
        if (sent++ < NOTES) {
            client.send(note);
        }
    }
}
