package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Clients that each request a push of ready bytes, at scheduled times. The topic names their number. */
final class ReadyPushes extends SendingScenario {
    private static final byte[] READY = "ready".getBytes(US_ASCII);
    private static final long NONE = -1;

    private final String topic;
    private final byte[] request;
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private final long[] requestedAt;
    private long requests;

    ReadyPushes(long bytes, int connections, double rate) {
        super(new Load(1, rate));
        topic = "ready:" + bytes;
        request = ("[\"0\",\"1\",\"" + topic + "\",\"ready\",{}]").getBytes(US_ASCII);
        requestedAt = new long[connections];
    }

    @Override
    public String topic(int connection) {
        return topic;
    }

    @Override
    public void joined(Connection connection) {
        requestedAt[connection.index()] = NONE;
        idle.add(connection);
    }

    @Override
    boolean sendDue(long due) {
        Connection connection = idle.poll();
        if (connection == null) {
            return false;
        }
        requests++;
        requestedAt[connection.index()] = due;
        tally().sent(due);
        connection.send(request, request.length);
        return true;
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        if (!head.eventIs(bytes, READY)) {
            return false;
        }
        long due = requestedAt[connection.index()];
        if (due == NONE) {
            tally().unknown();
            return true;
        }
        requestedAt[connection.index()] = NONE;
        tally().arrived(due, now);
        idle.add(connection);
        return true;
    }

    @Override
    public boolean settled() {
        return tally().total() == requests;
    }

    @Override
    public long due() {
        return requests;
    }
}
