package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients with many topics each, of which each client is the only member. It broadcasts to one after the other, one in flight,
 * and receives each broadcast itself.
 */
final class ManyTopics extends SendingScenario {
    /** The most clients; the topics are spread over them. */
    static final int CLIENTS = 100;

    private static final int ONLY_MEMBER = 0;
    private static final byte[] SHOUT = Traffic.SHOUT.event().getBytes(US_ASCII);

    private final int topics;
    private final List<Client> clients = new ArrayList<>();
    private final byte[] message;
    private final int payload;
    private final List<Connection> connections = new ArrayList<>();
    private long unjoined;

    /** @param plan its connections are the clients, its topics a multiple of them */
    ManyTopics(Plan plan) {
        super(new Load(1, 0));
        topics = plan.topics() / plan.connections();
        unjoined = (long) topics * plan.connections();
        payload = plan.payload();
        message = new byte[Push.maxLength(payload)];
        for (int i = 0; i < plan.connections(); i++) {
            clients.add(new Client(i));
        }
    }

    private final class Client {
        final List<byte[]> names = new ArrayList<>();
        final List<Push> pushes = new ArrayList<>();
        final InFlightMessages flights = new InFlightMessages(1, 1);
        int joined;

        Client(int number) {
            for (int i = 0; i < topics; i++) {
                String name = Traffic.SHOUT.topic(number * topics + i);
                names.add(name.getBytes(US_ASCII));
                pushes.add(new Push(name, Traffic.SHOUT.event(), payload, message));
            }
            flights.join(ONLY_MEMBER);
        }

        int topicOf(long n) {
            return (int) (n % topics);
        }

        void join(Connection connection) {
            if (joined < topics) {
                byte[] join = ("[\"0\",\"0\",\"" + new String(names.get(joined), US_ASCII) + "\",\"phx_join\",{}]")
                        .getBytes(US_ASCII);
                connection.send(join, join.length);
            }
        }

        void refill(Connection connection, long now) {
            if (isClosedLoop() && !flights.full()) {
                long n = flights.launch(now);
                tally().sent(now);
                connection.send(message, pushes.get(topicOf(n)).write(n, now));
            }
        }
    }

    @Override
    public String topic(int connection) {
        return Traffic.SHOUT.topic(connection * topics);
    }

    @Override
    public boolean joinsItself() {
        return true;
    }

    @Override
    public void joined(Connection connection) {
        connections.add(connection);
        clients.get(connection.index()).join(connection);
    }

    @Override
    public boolean isReady() {
        return unjoined == 0;
    }

    @Override
    void refill(long now) {
        connections.forEach(connection -> clients.get(connection.index()).refill(connection, now));
    }

    @Override
    boolean sendDue(long due) {
        throw new IllegalStateException("Its clients send without a rate.");
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        Client client = clients.get(connection.index());
        if (head.eventIs(bytes, Storm.REPLY)) {
            if (client.joined == topics || !head.topicIs(bytes, client.names.get(client.joined))) {
                return false;
            }
            if (MessageHead.after(bytes, head.payload(), to, Storm.OK) < 0) {
                connection.joinRefused(bytes, head.payload(), to);
            } else {
                unjoined--;
                client.joined++;
                client.join(connection);
            }
            return true;
        }
        if (!head.eventIs(bytes, SHOUT)) {
            return false;
        }
        int at = MessageHead.after(bytes, head.payload(), to, Push.N_FIELD);
        long n = at < 0 ? -1 : MessageHead.number(bytes, at, to);
        boolean known = n > 0 && head.topicIs(bytes, client.names.get(client.topicOf(n)));
        long launchedAt = known ? client.flights.arrive(ONLY_MEMBER, n) : InFlightMessages.UNKNOWN;
        if (launchedAt == InFlightMessages.UNKNOWN) {
            tally().unknown();
            return true;
        }
        tally().arrived(launchedAt, now);
        client.refill(connection, now);
        return true;
    }

    @Override
    public void closed(Connection connection, long now) {
        connections.remove(connection);
        clients.get(connection.index()).flights.leave(ONLY_MEMBER);
    }

    @Override
    public boolean settled() {
        return clients.stream().allMatch(client -> client.flights.allLanded());
    }

    @Override
    public long due() {
        return clients.stream().mapToLong(client -> client.flights.due()).sum();
    }
}
