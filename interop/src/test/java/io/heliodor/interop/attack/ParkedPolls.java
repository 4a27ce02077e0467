package io.heliodor.interop.attack;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Sessions wait with polls of a thousand parameters and a hundred lines, and send more bytes behind them.
 *
 * @param sessions that wait at a time
 */
record ParkedPolls(int sessions) implements AttackVector {
    /** A thousand parameters, as short as they can be. */
    static final String PARAMS = IntStream.range(0, 1_000)
            .mapToObj(number -> "&" + Integer.toHexString(number) + "=")
            .collect(Collectors.joining());

    private static final String LINES = "a:\r\n".repeat(100);
    private static final String BEHIND = "x".repeat(15_000);

    @Override
    public void begin(Swarm swarm) {
        swarm.keepRaw(
                sessions,
                client -> PollSession.open(client, session -> {
                    session.poll(PARAMS, LINES);
                    if (swarm.random().nextBoolean()) {
                        client.send(BEHIND);
                    }
                }));
    }
}
