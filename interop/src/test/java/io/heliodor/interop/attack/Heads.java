package io.heliodor.interop.attack;

/**
 * Connections send heads of a thousand parameters and a hundred lines, all of them short: some without an end, some in one packet,
 * some with more lines than a head may have.
 *
 * @param connections that are open at a time
 */
record Heads(int connections) implements AttackVector {
    private static final int LINES = 100;
    private static final int TOO_MANY_LINES = 400;
    private static final int REQUESTS = 10;

    @Override
    public void begin(Swarm swarm) {
        String request = "GET /socket/longpoll?vsn=2.0.0" + ParkedPolls.PARAMS + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
        String lines = "a:\r\n".repeat(LINES);
        swarm.keepRaw(connections, client -> {
            switch (swarm.random().nextInt(4)) {
                case 0 -> client.send(request + lines);
                case 1 -> client.send((request + lines + "\r\n").repeat(REQUESTS));
                case 2 -> client.send(request + "a:\r\n".repeat(TOO_MANY_LINES) + "\r\n");
                default -> {
                    client.send(request);
                    client.send(lines);
                }
            }
        });
    }
}
