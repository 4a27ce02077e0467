package io.heliodor.interop.attack;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** The connections of one vector during one of its runs. Its methods are called on the thread of its reactor. */
final class Swarm {
    private static final Duration RETURN = Duration.ofMillis(200);
    private static final Duration PROBE = Duration.ofSeconds(2);
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static final int OVERLOADED = 1013;

    private final Reactor reactor;
    private final int port;
    private final String name;
    private final Random random;
    private final Set<Connection> connections = new HashSet<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private BooleanSupplier unfinished = () -> false;
    private boolean ending;
    private boolean over;

    /**
     * Creates a swarm without connections.
     *
     * @param name of this run, which no other has
     */
    Swarm(Reactor reactor, int port, String name, long seed) {
        this.reactor = reactor;
        this.port = port;
        this.name = name;
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    /** A topic of {@code room:*} that no other run uses. */
    String room(int number) {
        return topic("room", number);
    }

    String topic(String kind, int number) {
        return kind + ":" + name + "-" + number;
    }

    /** So many different rooms, beginning with a number. */
    List<String> rooms(int first, int count) {
        return IntStream.range(first, first + count).mapToObj(this::room).toList();
    }

    /** Keeps a client connected: a client that the server closes comes back. */
    void keep(Set<Client.Trait> traits, Consumer<Client> opened) {
        keep("", traits, opened);
    }

    /** The same for a client of a user of this run. */
    void keep(String user, Set<Client.Trait> traits, Consumer<Client> opened) {
        if (!over) {
            add(client(user, traits, opened, code -> after(RETURN, () -> keep(user, traits, opened))));
        }
    }

    void keep(int count, Set<Client.Trait> traits, Consumer<Client> opened) {
        for (int i = 0; i < count; i++) {
            keep(traits, opened);
        }
    }

    /** Connects a client once. */
    void once(Set<Client.Trait> traits, Consumer<Client> opened, Runnable closed) {
        if (!over) {
            add(client("", traits, opened, code -> after(Duration.ZERO, closed)));
        }
    }

    /** A client that the server must not close, because it behaves. If it is refused because memory is short, it comes back. */
    void innocent(Consumer<Client> opened) {
        innocent("", opened);
    }

    /** The same for a client of a user. */
    void innocent(String user, Consumer<Client> opened) {
        innocent(user, opened, code -> violation("a client that reads was closed, code " + code));
    }

    /** The same, but it sends so much that the server may close it with 1013 while memory is short; then it comes back. */
    void heavy(Consumer<Client> opened, Runnable closed) {
        innocent("", opened, code -> {
            if (code == OVERLOADED) {
                after(RETURN, () -> {
                    closed.run();
                    heavy(opened, closed);
                });
            } else {
                violation("a client that sends much was closed, code " + code);
            }
        });
    }

    private void innocent(String user, Consumer<Client> opened, IntConsumer closed) {
        if (!over) {
            add(client(user, Set.of(), opened, code -> {
                // A server whose memory is used up closes further connections at once; a client tries again.
                if (code == Client.REFUSED || code == Client.UNANSWERED) {
                    after(RETURN, () -> innocent(user, opened, closed));
                } else {
                    closed.accept(code);
                }
            }));
        }
    }

    /** Joins a topic, again and again while memory is short; the first reply that lets the client in goes to the task. */
    void join(Client client, String topic, Runnable joined) {
        join(client, topic, (MessageReader reply) -> joined.run());
    }

    void join(Client client, String topic, Consumer<MessageReader> joined) {
        client.onMessage(message -> {
            if (message.contains("overloaded")) {
                after(RETURN, () -> client.send(Frames.join(topic)));
            } else if (message.contains("phx_reply")) {
                joined.accept(message);
            }
        });
        client.send(Frames.join(topic));
    }

    private Client client(String user, Set<Client.Trait> traits, Consumer<Client> opened, IntConsumer closed) {
        return new Client(reactor, port, user, traits, new Client.Handler() {
            @Override
            public void opened(Client client) {
                if (traits.contains(Client.Trait.DEAF)) {
                    probe(client);
                }
                opened.accept(client);
            }

            @Override
            public void closed(Client client, int code) {
                connections.remove(client.connection());
                closed.accept(code);
            }
        });
    }

    private void add(Client client) {
        connections.add(client.connection());
    }

    /** A connection that is not read shows only at a write that the server has closed it. */
    private void probe(Client client) {
        after(PROBE, () -> {
            if (!client.connection().isClosed()) {
                client.send(Frames.ping(0));
                probe(client);
            }
        });
    }

    /** Opens a connection without a handshake. */
    void onceRaw(Consumer<RawClient> opened) {
        raw(opened, () -> {});
    }

    /** Keeps so many connections without a handshake open: after the server has closed one another one follows. */
    void keepRaw(int count, Consumer<RawClient> opened) {
        for (int i = 0; i < count; i++) {
            keepRaw(opened);
        }
    }

    private void keepRaw(Consumer<RawClient> opened) {
        raw(opened, () -> after(RETURN, () -> keepRaw(opened)));
    }

    private void raw(Consumer<RawClient> opened, Runnable lost) {
        if (!over) {
            RawClient client = new RawClient(reactor, port, opened, closed -> {
                connections.remove(closed.connection());
                lost.run();
            });
            connections.add(client.connection());
        }
    }

    /** Runs a task after a time, if this run is not over by then. */
    void after(Duration time, Runnable task) {
        reactor.after(time, () -> {
            if (!over) {
                task.run();
            }
        });
    }

    /** Runs a task at once and then after each interval. */
    void every(Duration interval, Runnable task) {
        task.run();
        after(interval, () -> every(interval, task));
    }

    /** Delays the end of this run while something is unfinished, up to a deadline that is a violation. */
    void endsNotWhile(BooleanSupplier condition) {
        unfinished = condition;
    }

    /** Records that a promise to a client that behaves was broken. */
    void violation(String what) {
        violations.add(name + ": " + what);
    }

    Queue<String> violations() {
        return violations;
    }

    /** Ends this run: some connections are closed, some reset. A second call changes nothing. */
    void end() {
        if (!ending) {
            ending = true;
            end(DEADLINE.dividedBy(RETURN));
        }
    }

    private void end(long tries) {
        if (unfinished.getAsBoolean() && violations.isEmpty()) {
            if (tries > 0) {
                reactor.after(RETURN, () -> end(tries - 1));
                return;
            }
            violation("unfinished " + DEADLINE + " after its end");
        }
        over = true;
        for (Connection connection : connections) {
            if (random.nextBoolean()) {
                connection.reset();
            } else {
                connection.close();
            }
        }
        ended.countDown();
    }

    CountDownLatch ended() {
        return ended;
    }
}
