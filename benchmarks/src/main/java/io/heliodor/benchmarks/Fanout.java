package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fan-out: senders broadcast to each topic, and all members receive it, in some {@link Traffic} except the sender. */
final class Fanout extends SendingScenario {

    private final Traffic traffic;
    private final byte[] event;
    private final Topic[] topics;
    private int turn;

    Fanout(Plan plan, Load load) {
        this(plan, load, Traffic.SHOUT, 1);
    }

    Fanout(Plan plan, Load load, Traffic traffic, int senders) {
        this(plan, load, traffic, senders, 0);
    }

    /**
     * Each sender of a topic has its own window.
     *
     * @param senders of each topic
     * @param firstTopic its number; the others follow
     */
    Fanout(Plan plan, Load load, Traffic traffic, int senders, int firstTopic) {
        super(load);
        this.traffic = traffic;
        event = traffic.event().getBytes(US_ASCII);
        topics = new Topic[plan.topics()];
        byte[] message = new byte[Push.maxLength(plan.payload())];
        for (int i = 0; i < topics.length; i++) {
            topics[i] = new Topic(firstTopic + i, plan, message, load, senders);
        }
    }

    /** One topic, its members and its senders. */
    private final class Topic {
        final String name;
        final Push push;
        final Sender[] senders;
        final List<Connection> members = new ArrayList<>();

        Topic(int number, Plan plan, byte[] message, Load load, int senders) {
            name = traffic.topic(number);
            push = new Push(name, traffic.event(), plan.payload(), message);
            this.senders = new Sender[senders];
            for (int i = 0; i < senders; i++) {
                this.senders[i] = new Sender(
                        this, i, new InFlightMessages(load.window(), plan.connections() / plan.topics() + 1));
            }
        }
    }

    /**
     * One of the members that broadcast, by its rank among them, and its broadcasts. Its own number {@code n} is {@code n *
     * senders + rank} on the wire.
     */
    private final class Sender {
        final Topic topic;
        final int rank;
        final InFlightMessages flights;
        private @Nullable Connection connection;

        Sender(Topic topic, int rank, InFlightMessages flights) {
            this.topic = topic;
            this.rank = rank;
            this.flights = flights;
        }

        /** The member that sends now. It does not wait for its own broadcasts if it does not get them. */
        @Nullable
        Connection connection() {
            Connection present = rank < topic.members.size() ? topic.members.get(rank) : null;
            if (present != connection) {
                connection = present;
                if (present != null && !traffic.reachesSender()) {
                    flights.leave(place(present));
                }
            }
            return present;
        }

        /** Whether there is a sender and a receiver of its broadcasts. */
        boolean reachesAnybody() {
            return connection() != null && flights.members() > 0;
        }

        boolean canSend() {
            Connection from = connection();
            return from != null && !flights.full() && from.writable();
        }

        void broadcast(long at) {
            Connection from = connection();
            if (from != null) {
                long n = flights.launch(at);
                tally().sent(at);
                from.send(topic.push.message(), topic.push.write(n * topic.senders.length + rank, at));
            }
        }

        void refill(long now) {
            if (isClosedLoop()) {
                while (reachesAnybody() && !flights.full()) {
                    broadcast(now);
                }
            }
        }
    }

    @Override
    public String topic(int connection) {
        return topics[connection % topics.length].name;
    }

    @Override
    public boolean intercepts(int connection) {
        return traffic.intercepts(connection);
    }

    @Override
    public void joined(Connection connection) {
        if (!connection.stalls()) {
            Topic topic = topicOf(connection);
            topic.members.add(connection);
            for (Sender sender : topic.senders) {
                sender.flights.join(place(connection));
            }
        }
    }

    @Override
    void refill(long now) {
        for (Topic topic : topics) {
            refill(topic, now);
        }
    }

    @Override
    boolean sendDue(long due) {
        Sender sender = sender(turn);
        if (sender.reachesAnybody()) {
            if (!sender.canSend()) {
                return false;
            }
            sender.broadcast(due);
        }
        turn = (turn + 1) % (topics.length * sender.topic.senders.length);
        return true;
    }

    /** All topics in turn, and of each its senders in turn. */
    private Sender sender(int turn) {
        Sender[] senders = topics[turn % topics.length].senders;
        return senders[turn / topics.length % senders.length];
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        if (!head.eventIs(bytes, event)) {
            return false;
        }
        if (connection.stalls()) {
            return true;
        }
        Sender[] senders = topicOf(connection).senders;
        int at = MessageHead.after(bytes, head.payload(), to, Push.N_FIELD);
        long n = at < 0 ? -1 : MessageHead.number(bytes, at, to);
        Sender sender = senders[n < 0 ? 0 : (int) (n % senders.length)];
        long launchedAt = sender.flights.arrive(place(connection), n < 0 ? n : n / senders.length);
        if (launchedAt == InFlightMessages.UNKNOWN) {
            tally().unknown();
            return true;
        }
        tally().arrived(launchedAt, now);
        sender.refill(now);
        return true;
    }

    @Override
    public void closed(Connection connection, long now) {
        if (!connection.stalls()) {
            Topic topic = topicOf(connection);
            topic.members.remove(connection);
            for (Sender sender : topic.senders) {
                sender.flights.leave(place(connection));
            }
            refill(topic, now);
        }
    }

    private static void refill(Topic topic, long now) {
        for (Sender sender : topic.senders) {
            sender.refill(now);
        }
    }

    private Topic topicOf(Connection connection) {
        return topics[connection.index() % topics.length];
    }

    private int place(Connection connection) {
        return connection.index() / topics.length;
    }

    @Override
    public boolean settled() {
        for (Topic topic : topics) {
            for (Sender sender : topic.senders) {
                if (!sender.flights.allLanded()) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public long due() {
        long due = 0;
        for (Topic topic : topics) {
            for (Sender sender : topic.senders) {
                due += sender.flights.due();
            }
        }
        return due;
    }
}
