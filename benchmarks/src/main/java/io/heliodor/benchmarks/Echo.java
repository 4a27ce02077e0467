package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An echo: each connection sends requests, whose replies have the same payload. */
final class Echo extends SendingScenario {
    private static final byte[] REPLY = "phx_reply".getBytes(US_ASCII);
    private static final byte[] OK = "\"status\":\"ok\"".getBytes(US_ASCII);
    private static final int ONLY_MEMBER = 0;

    private final Traffic traffic;
    private final int firstTopic;
    private final Push[] pushes;
    private final InFlightMessages[] requests;
    private final List<Connection> connections = new ArrayList<>();
    private int turn;

    Echo(Plan plan, Load load) {
        this(plan, load, Traffic.ECHO);
    }

    Echo(Plan plan, Load load, Traffic traffic) {
        this(plan, load, traffic, 0);
    }

    /** @param firstTopic its number; the others follow */
    Echo(Plan plan, Load load, Traffic traffic, int firstTopic) {
        super(load);
        this.traffic = traffic;
        this.firstTopic = firstTopic;
        byte[] message = new byte[Push.maxLength(plan.payload())];
        pushes = new Push[plan.topics()];
        for (int i = 0; i < pushes.length; i++) {
            pushes[i] = new Push(topic(i), traffic.event(), plan.payload(), message);
        }
        requests = new InFlightMessages[plan.connections()];
        for (int i = 0; i < requests.length; i++) {
            requests[i] = new InFlightMessages(load.window(), 1);
        }
    }

    @Override
    public String topic(int connection) {
        return traffic.topic(firstTopic + connection % pushes.length);
    }

    @Override
    public void joined(Connection connection) {
        connections.add(connection);
        requests[connection.index()].join(ONLY_MEMBER);
    }

    @Override
    void refill(long now) {
        for (Connection connection : List.copyOf(connections)) {
            refill(connection, now);
        }
    }

    /**
     * Each connection in turn; one that has too much in flight is left out, and only if all have, the schedule waits.
     */
    @Override
    boolean sendDue(long due) {
        Connection connection = nextFree();
        if (connection == null) {
            return false;
        }
        request(connection, due);
        return true;
    }

    private @Nullable Connection nextFree() {
        for (int i = 0; i < connections.size(); i++) {
            Connection connection = connections.get(turn++ % connections.size());
            turn %= connections.size();
            if (connection.writable() && !requests[connection.index()].full()) {
                return connection;
            }
        }
        return null;
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        long n = head.ref(bytes);
        if (n < 0 || !head.eventIs(bytes, REPLY)) {
            // One diff has the changes of a window: they cannot be counted one by one.
            return traffic == Traffic.CHANGE && head.eventIs(bytes, Storm.DIFF);
        }
        long launchedAt = requests[connection.index()].arrive(ONLY_MEMBER, n);
        if (launchedAt == InFlightMessages.UNKNOWN) {
            tally().unknown();
            return true;
        }
        if (MessageHead.after(bytes, head.payload(), to, OK) < 0) {
            tally().refused();
        }
        tally().arrived(launchedAt, now);
        refill(connection, now);
        return true;
    }

    @Override
    public void closed(Connection connection, long now) {
        connections.remove(connection);
        requests[connection.index()].leave(ONLY_MEMBER);
    }

    private void refill(Connection connection, long now) {
        if (isClosedLoop()) {
            while (connection.joined() && !requests[connection.index()].full()) {
                request(connection, now);
            }
        }
    }

    private void request(Connection connection, long at) {
        long n = requests[connection.index()].launch(at);
        tally().sent(at);
        Push push = pushes[connection.index() % pushes.length];
        connection.send(push.message(), push.write(n, at));
    }

    @Override
    public boolean settled() {
        return tally().total() >= due();
    }

    @Override
    public long due() {
        long due = 0;
        for (InFlightMessages flights : requests) {
            due += flights.due();
        }
        return due;
    }
}
