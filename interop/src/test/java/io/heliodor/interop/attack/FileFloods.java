package io.heliodor.interop.attack;

import java.time.Duration;
import java.util.List;

/**
 * Connections request files as fast as they can without their content, or request them and take nothing.
 *
 * @param deaf connections that take nothing
 * @param asking connections that ask for heads, or whether a file has changed
 */
record FileFloods(int deaf, int asking) implements AttackVector {
    private static final int REQUESTS = 100;
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String HEAD = " HTTP/1.1\r\nHost: 127.0.0.1\r\n";

    private static final List<String> QUESTIONS = List.of(
            "HEAD /style.css" + HEAD + "\r\n",
            "HEAD /" + HEAD + "\r\n",
            "GET /style.css" + HEAD + "If-None-Match: \"none\"\r\n\r\n",
            "GET /missing.css" + HEAD + "\r\n");

    @Override
    public void begin(Swarm swarm) {
        swarm.keepRaw(deaf, client -> {
            client.connection().reading(false);
            // A write shows later whether the server has closed it.
            swarm.every(PAUSE, () -> client.send(("GET /style.css" + HEAD + "\r\n").repeat(REQUESTS)));
        });
        swarm.keepRaw(asking, client -> {
            String question = QUESTIONS.get(swarm.random().nextInt(QUESTIONS.size()));
            swarm.every(SHORT, () -> client.send(question.repeat(REQUESTS)));
        });
    }
}
