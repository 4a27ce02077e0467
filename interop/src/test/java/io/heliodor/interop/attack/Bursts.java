package io.heliodor.interop.attack;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/**
 * A publisher sends many large broadcasts in a row to clients that read, and that must therefore get all of them. No attack
 * by itself: a server must not treat it as one.
 *
 * @param readers that must get each message
 * @param messages in a row
 */
record Bursts(int readers, int messages) implements AttackVector {
    private static final Duration PAUSE = Duration.ofMillis(500);

    @Override
    public void begin(Swarm swarm) {
        String room = swarm.room(0);
        String text = Frames.text(100 << 10);
        long[] received = new long[readers];
        long[] sent = new long[1];
        // The last number of a publisher that was closed; what follows its last broadcast is the next number after this
        // one.
        long[] cut = new long[1];
        int[] joined = new int[1];
        for (int i = 0; i < readers; i++) {
            int reader = i;
            swarm.innocent(client -> swarm.join(client, room, () -> {
                joined[0]++;
                client.onMessage(message -> {
                    long number = message.number();
                    boolean next = number == Math.max(received[reader], cut[0]) + 1 || number == received[reader] + 1;
                    if (!next || message.length() < text.length()) {
                        swarm.violation("message " + number + " followed " + received[reader]);
                    }
                    received[reader] = number;
                });
            }));
        }
        swarm.heavy(
                client -> swarm.join(
                        client,
                        room,
                        () -> swarm.every(PAUSE, () -> {
                            boolean quiet = sent[0] == cut[0] || allHave(received, sent[0]);
                            if (!client.connection().isClosed() && joined[0] == readers && quiet) {
                                burst(client, room, text, sent);
                            }
                        })),
                () -> cut[0] = sent[0]);
        swarm.endsNotWhile(() -> sent[0] != cut[0] && !allHave(received, sent[0]));
    }

    private void burst(Client client, String room, String text, long[] sent) {
        for (int i = 0; i < messages; i++) {
            ByteBuffer whisper = Frames.push("2", room, "whisper", "{\"n\":" + ++sent[0] + ",\"x\":\"" + text + "\"}");
            client.send(whisper);
        }
    }

    private static boolean allHave(long[] received, long number) {
        return Arrays.stream(received).allMatch(last -> last == number);
    }
}
