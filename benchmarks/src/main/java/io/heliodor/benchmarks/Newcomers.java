package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Joins of new users to a topic with many presences. A client leaves when it has received the state, and another member has
 * received its diff. Joins have scheduled times.
 *
 * <p>Connection 0 is that other member; the others join in turn, again and again.
 */
final class Newcomers extends SendingScenario {
    private static final byte[] CLOSE = "phx_close".getBytes(US_ASCII);
    private static final long NOBODY = -1;

    private final String topic;
    private final PresenceReader reader = new PresenceReader();
    private final ArrayDeque<Visit> idle = new ArrayDeque<>();
    private final @Nullable Visit[] visits;
    private final ArrivalStatistics states = tally();
    private final ArrivalStatistics diffs = new ArrivalStatistics(true);
    private final Histogram stateBytes = new Histogram(3);
    private final Histogram diffBytes = new Histogram(3);
    private long joins;
    private long arrivedAt;
    private boolean watched;
    private boolean measuring;

    /** One client's stays, one after the other. */
    private static final class Visit {
        final Connection connection;
        long number = NOBODY;
        long due;
        boolean announced;
        boolean seen;
        byte[] key = {};

        Visit(Connection connection) {
            this.connection = connection;
        }

        boolean landed() {
            return announced && seen;
        }
    }

    Newcomers(String topic, int connections, double rate) {
        super(new Load(connections, rate));
        this.topic = topic;
        visits = new Visit[connections];
    }

    @Override
    public String topic(int connection) {
        return topic;
    }

    @Override
    public boolean joinsItself() {
        return true;
    }

    @Override
    public void joined(Connection connection) {
        if (connection.index() == 0) {
            byte[] join = ("[\"0\",\"0\",\"" + topic + "\",\"phx_join\",{}]").getBytes(US_ASCII);
            connection.send(join, join.length);
        } else {
            Visit visit = new Visit(connection);
            visits[connection.index()] = visit;
            idle.add(visit);
        }
    }

    /** Whether the other member has joined. */
    boolean watched() {
        return watched;
    }

    void measureFrom(long now) {
        states.measureFrom(now);
        diffs.measureFrom(now);
        measuring = true;
    }

    void measureTo(long now) {
        states.measureTo(now);
        diffs.measureTo(now);
        measuring = false;
    }

    @Override
    boolean sendDue(long due) {
        Visit visit = idle.poll();
        if (visit == null) {
            return false;
        }
        join(visit, due);
        return true;
    }

    /** The connection of a join, by the remainder of its number. */
    private void join(Visit visit, long due) {
        visit.number = joins++ * visits.length + visit.connection.index();
        visit.due = due;
        visit.announced = false;
        visit.seen = false;
        visit.key = ("\"" + visit.number + "\":").getBytes(US_ASCII);
        states.sent(due);
        byte[] join = Storm.join(topic, visit.number, Long.toString(visit.number));
        visit.connection.send(join, join.length);
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        if (head.eventIs(bytes, Storm.DIFF)) {
            if (connection.index() == 0) {
                record(diffBytes, to - head.from());
                diff(bytes, head.payload(), to, now);
            }
            return true;
        }
        if (head.eventIs(bytes, Storm.REPLY)) {
            if (MessageHead.after(bytes, head.payload(), to, Storm.OK) < 0) {
                states.refused();
            } else if (connection.index() == 0) {
                watched = true;
            }
            return true;
        }
        Visit visit = visits[connection.index()];
        if (visit != null && head.eventIs(bytes, Storm.STATE)) {
            record(stateBytes, to - head.from());
            announced(visit, bytes, head.payload(), to, now);
            return true;
        }
        if (visit != null && visit.landed() && head.eventIs(bytes, CLOSE)) {
            visit.number = NOBODY;
            visit.announced = false;
            idle.add(visit);
            return true;
        }
        return false;
    }

    private void record(Histogram sizes, int bytes) {
        if (measuring) {
            sizes.recordValue(bytes);
        }
    }

    private void diff(ByteBuffer bytes, int from, int to, long now) {
        arrivedAt = now;
        if (!reader.diff(bytes, from, to - 1, this::came, (in, key, keyEnd, ref, refEnd) -> {})) {
            diffs.unknown();
        }
    }

    private void came(ByteBuffer bytes, int key, int keyEnd, int ref, int refEnd) {
        long number = MessageHead.number(bytes, key, keyEnd);
        Visit visit = number < 0 ? null : visits[(int) (number % visits.length)];
        if (visit == null || visit.number != number || visit.seen) {
            diffs.unknown();
            return;
        }
        visit.seen = true;
        diffs.arrived(visit.due, arrivedAt);
        leaveIfLanded(visit);
    }

    /** Checks that a state contains its own client. */
    private void announced(Visit visit, ByteBuffer bytes, int from, int to, long now) {
        if (visit.number == NOBODY || visit.announced || MessageHead.after(bytes, from, to, visit.key) < 0) {
            states.unknown();
            return;
        }
        visit.announced = true;
        states.arrived(visit.due, now);
        leaveIfLanded(visit);
    }

    private void leaveIfLanded(Visit visit) {
        if (visit.landed()) {
            String ref = "\"" + visit.number + "\"";
            byte[] leave = ("[" + ref + "," + ref + ",\"" + topic + "\",\"phx_leave\",{}]").getBytes(US_ASCII);
            visit.connection.send(leave, leave.length);
        }
    }

    @Override
    public boolean settled() {
        return states.total() == joins && diffs.total() == joins;
    }

    @Override
    public long due() {
        return joins;
    }

    /** The time at which another member received the diff. */
    ArrivalStatistics diffs() {
        return diffs;
    }

    Histogram stateBytes() {
        return stateBytes;
    }

    Histogram diffBytes() {
        return diffBytes;
    }
}
