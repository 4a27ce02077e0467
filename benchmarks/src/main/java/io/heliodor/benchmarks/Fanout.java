package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A member of each topic shouts; everybody in the topic receives it. */
final class Fanout implements Scenario {
    private static final byte[] SHOUT = "shout".getBytes(US_ASCII);
    private static final byte[] N = "\"n\":".getBytes(US_ASCII);

    private final Tally tally;
    private final Load load;
    private final Topic[] topics;
    private @Nullable Pace pace;
    private int turn;
    private boolean stopped = true;

    Fanout(Plan plan, Load load) {
        this.load = load;
        tally = new Tally(load.fixedRate());
        topics = new Topic[plan.topics()];
        byte[] message = new byte[Push.maxLength(plan.payload())];
        for (int i = 0; i < topics.length; i++) {
            topics[i] = new Topic("room:" + i, plan, load, message);
        }
    }

    /** One topic, its members and its broadcasts. */
    private static final class Topic {
        final String name;
        final Flights flights;
        final Push push;
        final List<Connection> members = new ArrayList<>();

        Topic(String name, Plan plan, Load load, byte[] message) {
            this.name = name;
            flights = new Flights(load.window(), plan.connections() / plan.topics() + 1);
            push = new Push(name, "shout", plan.payload(), message);
        }

        boolean canSend() {
            return !members.isEmpty() && !flights.full() && members.getFirst().writable();
        }
    }

    @Override
    public String topic(int connection) {
        return topics[connection % topics.length].name;
    }

    @Override
    public void joined(Connection connection) {
        if (!connection.stalls()) {
            Topic topic = topicOf(connection);
            topic.members.add(connection);
            topic.flights.join(place(connection));
        }
    }

    @Override
    public void begin(long now) {
        stopped = false;
        if (load.fixedRate()) {
            pace = new Pace(load.rate(), now);
            return;
        }
        for (Topic topic : topics) {
            refill(topic, now);
        }
    }

    @Override
    public long tick(long now) {
        if (pace == null || stopped) {
            return LATER;
        }
        while (pace.next() <= now) {
            Topic topic = topics[turn];
            if (topic.members.isEmpty()) {
                pace.advance();
            } else if (topic.canSend()) {
                broadcast(topic, pace.next());
                pace.advance();
            } else {
                return LATER;
            }
            turn = (turn + 1) % topics.length;
        }
        return pace.next();
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        if (!head.eventIs(bytes, SHOUT)) {
            return false;
        }
        if (connection.stalls()) {
            return true;
        }
        Topic topic = topicOf(connection);
        int at = MessageHead.after(bytes, head.payload(), to, N);
        long n = at < 0 ? -1 : MessageHead.number(bytes, at, to);
        long launchedAt = topic.flights.arrive(place(connection), n);
        if (launchedAt == Flights.UNKNOWN) {
            tally.unknown();
            return true;
        }
        tally.arrived(launchedAt, now);
        refill(topic, now);
        return true;
    }

    @Override
    public void closed(Connection connection, long now) {
        if (!connection.stalls()) {
            Topic topic = topicOf(connection);
            topic.members.remove(connection);
            topic.flights.leave(place(connection));
            refill(topic, now);
        }
    }

    private void refill(Topic topic, long now) {
        if (pace == null && !stopped) {
            while (!topic.flights.full() && !topic.members.isEmpty()) {
                broadcast(topic, now);
            }
        }
    }

    private void broadcast(Topic topic, long at) {
        long n = topic.flights.launch(at);
        tally.sent(at);
        topic.members.getFirst().send(topic.push.message(), topic.push.write(n, at));
    }

    private Topic topicOf(Connection connection) {
        return topics[connection.index() % topics.length];
    }

    private int place(Connection connection) {
        return connection.index() / topics.length;
    }

    @Override
    public void stop(long now) {
        tick(now);
        stopped = true;
        tally.unsent(pace == null ? 0 : pace.behind(now));
    }

    @Override
    public boolean settled() {
        for (Topic topic : topics) {
            if (!topic.flights.allLanded()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public long due() {
        long due = 0;
        for (Topic topic : topics) {
            due += topic.flights.due();
        }
        return due;
    }

    @Override
    public Tally tally() {
        return tally;
    }
}
