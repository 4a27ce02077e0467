package io.heliodor.interop.attack;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Clients that behave, in rooms with a publisher each, and their measurements. Each requests an echo once a second, and
 * each publisher sends a numbered broadcast once a second.
 */
final class HealthyCrowd implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(10);
    private static final int TICKS_PER_SECOND = 100;

    private final Reactor reactor = new Reactor("healthy clients", Long.MAX_VALUE);
    private final List<Member> members = new ArrayList<>();
    private final long[] published;
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final Latencies echoes = new Latencies();
    private final Latencies lateness = new Latencies();
    private long ticks;
    private long nextTick;
    private boolean sends;

    HealthyCrowd(int port, int size, int rooms) throws IOException {
        published = new long[rooms];
        reactor.execute(() -> {
            for (int i = 0; i < size; i++) {
                members.add(new Member(port, i));
            }
        });
    }

    /** The number of clients that are joined. */
    int joined() {
        return reactor.get(() ->
                Math.toIntExact(members.stream().filter(member -> member.joined).count()));
    }

    /** Begins to send. All have joined. */
    void startSending() {
        reactor.execute(() -> {
            sends = true;
            nextTick = System.nanoTime();
            tick();
        });
    }

    /** Stops sending. */
    void stopSending() {
        reactor.execute(() -> sends = false);
    }

    /** The number of connected clients that miss an echo or a broadcast at this moment. */
    long incomplete() {
        return reactor.get(
                () -> members.stream().filter(member -> !member.isComplete()).count());
    }

    /** Violations, in plain words. */
    Queue<String> violations() {
        return violations;
    }

    Queue<Throwable> failures() {
        return reactor.failures();
    }

    /** The measurements since the last call. */
    Window window() {
        return reactor.get(() -> {
            long now = System.nanoTime();
            long oldest = members.stream()
                    .mapToLong(member -> member.waits(now))
                    .max()
                    .orElse(0);
            return new Window(echoes.drain(), oldest, lateness.drain());
        });
    }

    /**
     * The measurements of a period.
     *
     * @param echoes the nanoseconds that they took
     * @param unanswered the nanoseconds for which the oldest echo has waited
     * @param lateness the nanoseconds by which this crowd itself was late: what the machine did to all
     */
    record Window(Latencies.Summary echoes, long unanswered, Latencies.Summary lateness) {
        long worst() {
            return Math.max(echoes.worst(), unanswered);
        }
    }

    private void tick() {
        if (!sends) {
            return;
        }
        lateness.add(System.nanoTime() - nextTick);
        for (int i = (int) (ticks % TICKS_PER_SECOND); i < members.size(); i += TICKS_PER_SECOND) {
            members.get(i).requestEcho();
        }
        for (int room = (int) (ticks % TICKS_PER_SECOND); room < published.length; room += TICKS_PER_SECOND) {
            members.get(room).publish();
        }
        ticks++;
        nextTick += TICK.toNanos();
        reactor.after(Duration.ofNanos(Math.max(0, nextTick - System.nanoTime())), this::tick);
    }

    /** The member with the number of a room is its publisher. */
    private final class Member implements Client.Handler {
        private final int number;
        private final int room;
        private final String topic;
        private final Client client;
        private final Queue<Long> pending = new ArrayDeque<>();
        private boolean joined;
        private boolean closed;
        private long answered;
        private long received;

        Member(int port, int number) {
            this.number = number;
            room = number % published.length;
            topic = "room:healthy-" + room;
            client = new Client(reactor, port, Set.of(), this);
        }

        @Override
        public void opened(Client opened) {
            opened.onMessage(this::message);
            opened.send(Frames.join(topic));
        }

        @Override
        public void closed(Client lost, int code) {
            closed = true;
            violations.add("healthy client " + number + " was closed, code " + code + ", " + pending.size()
                    + " echoes unanswered");
        }

        void requestEcho() {
            if (!closed) {
                pending.add(System.nanoTime());
                client.send(Frames.push("2", topic, "echo", "{\"n\":" + (answered + pending.size()) + "}"));
            }
        }

        void publish() {
            if (!closed) {
                client.send(Frames.push("3", topic, "shout", "{\"n\":" + ++published[room] + "}"));
            }
        }

        private void message(MessageReader message) {
            if (!joined) {
                joined = message.contains("\"ok\"");
            } else if (message.contains("\"shout\"")) {
                expect(message, "broadcast", ++received);
            } else {
                Long since = pending.poll();
                echoes.add(since == null ? 0 : System.nanoTime() - since);
                expect(message, "echo", ++answered);
            }
        }

        private void expect(MessageReader message, String kind, long expected) {
            if (message.number() != expected) {
                violations.add(
                        "healthy client " + number + " got " + message.start() + " and not " + kind + " " + expected);
            }
        }

        boolean isComplete() {
            return closed || (pending.isEmpty() && received == published[room]);
        }

        long waits(long now) {
            Long oldest = pending.peek();
            return oldest == null || closed ? 0 : now - oldest;
        }
    }

    @Override
    public void close() {
        reactor.close();
    }
}
