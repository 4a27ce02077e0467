package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Nodes with a log of one topic, and clients that go from one to the other with their tokens, while messages are lost and nodes
 * crash, freeze, restart and are split. One thread, one seed: the same seed is the same history.
 */
final class HistorySimulation {
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;

    /** Faults that a test plants, to show that the simulation finds them. */
    enum Fault {
        NONE,
        STREAM_REUSED,
        PREDECESSORS_IGNORED,
        GAP_PASSED,
        REPAIR_SKIPPED,
        TOKEN_TOO_EARLY,
        STORED_TOKEN_REPLAYED,
        JOIN_BEFORE_CAUGHT_UP
    }

    private record Event(long at, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    /**
     * A message that was published.
     *
     * @param number of all messages
     * @param index of those of its node
     * @param before the numbers of the kept messages that its node had delivered
     */
    record Published(
            int number, String name, Dot dot, boolean kept, String publisher, int index, BitSet before, long at) {}

    final Random random;
    final Fault fault;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final boolean noting;
    private final List<String> notes = new ArrayList<>();
    private final Map<String, Integer> seen = new TreeMap<>();
    private final LogLimits bounds;
    private final double lossy;

    /** Whether nodes often crash, so that streams end and are retired while clients have tokens from before. */
    private final boolean restarts;

    /** Whether nodes are also paused for so long that the others exclude them. */
    private final boolean pauses;

    /** Whether messages are encoded and decoded between nodes; only in some histories, as it takes time. */
    final boolean encodes;

    private final List<SimNode> hosts = new ArrayList<>();
    private final List<SimClient> clients = new ArrayList<>();
    final List<Published> published = new ArrayList<>();
    private final Map<String, Published> names = new HashMap<>();
    private final Map<Dot, Published> dots = new HashMap<>();

    /** The streams that a message retired. */
    final Set<Long> retired = new HashSet<>();

    private long now;
    private long number;
    private int incarnations;
    private boolean healed;
    private int views;

    private HistorySimulation(long seed, Fault fault, boolean noting) {
        this.noting = noting;
        this.random = new Random(seed);
        this.fault = fault;
        boolean few = random.nextInt(3) == 0;
        long age = few && random.nextBoolean() ? (2 + random.nextInt(7)) * SECOND : 600 * SECOND;
        int held = random.nextBoolean() ? 1 + random.nextInt(60) : 1 << 20;
        Random sizes = new Random(~seed);
        this.restarts = sizes.nextInt(8) == 0;
        boolean forgets = sizes.nextBoolean();
        int less = forgets || restarts ? 1 + sizes.nextInt(2) : LogLimits.RETIRED;
        int tokenLength = sizes.nextInt(4) == 0 ? 20 + sizes.nextInt(60) : LogLimits.TOKEN_LENGTH;
        this.pauses = sizes.nextInt(4) == 0;
        this.bounds = new LogLimits(
                few || restarts ? 8 : 10_000,
                1 << 20,
                restarts ? (1 + sizes.nextInt(3)) * SECOND : age,
                held,
                forgets ? less : LogLimits.RETIRED,
                tokenLength);
        this.encodes = seed % 5 == 0;
        this.lossy = random.nextInt(3) == 0 ? 0.1 : 0.01;
    }

    /** Runs one history and returns how often each kind of event happened. */
    static Map<String, Integer> run(long seed, Fault fault) {
        HistorySimulation simulation = new HistorySimulation(seed, fault, false);
        try {
            simulation.play();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("Seed " + seed + ": " + e.getMessage() + "\n" + notes(seed, fault), e);
        }
        return simulation.seen;
    }

    /** Runs the same history again and returns its notes. */
    private static String notes(long seed, Fault fault) {
        HistorySimulation simulation = new HistorySimulation(seed, fault, true);
        assertThatThrownBy(simulation::play).isInstanceOfAny(AssertionError.class, RuntimeException.class);
        int from = Math.max(0, simulation.notes.size() - Integer.getInteger("heliodor.notes", 60));
        return String.join("\n", simulation.notes.subList(from, simulation.notes.size()));
    }

    // The world.

    long now() {
        return now;
    }

    void after(long nanos, Runnable action) {
        events.add(new Event(now + nanos, number++, action));
    }

    void note(Supplier<String> text) {
        if (noting) {
            notes.add(String.format(Locale.ROOT, "%8.3f %s", now / 1e9, text.get()));
        }
    }

    /** Whether more streams were retired than a log remembers. */
    boolean mayForget() {
        return retired.size() > bounds.retired();
    }

    /** Whether a log may have forgotten that it had the stream of a message. */
    boolean mayForget(Published message) {
        return mayForget() && retired.contains(message.dot().stream());
    }

    void saw(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    boolean chance(double of) {
        return random.nextDouble() < of;
    }

    long upTo(long nanos) {
        return (long) (random.nextDouble() * nanos);
    }

    void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.get());
        }
    }

    private void runUntil(long time) {
        while (!events.isEmpty() && events.peek().at() <= time) {
            Event next = events.remove();
            now = next.at();
            next.action().run();
        }
        now = time;
    }

    // The history.

    private void play() {
        int size = 2 + random.nextInt(3);
        for (int i = 0; i < size; i++) {
            hosts.add(new SimNode(this, "h" + i, incarnations++, bounds));
        }
        regroup();
        int count = 2 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            SimClient client = new SimClient(this, "c" + i);
            clients.add(client);
            client.connectSoon();
        }
        tick();
        long end = now + (4 + random.nextInt(26) + (pauses ? 40 : 0)) * SECOND;
        double faults = 0.005 + random.nextDouble() * 0.05;
        while (now < end) {
            runUntil(now + upTo(40 * MILLI));
            if (chance(faults)) {
                injectFault();
            } else if (chance(0.1)) {
                clients.get(random.nextInt(clients.size())).leave();
            } else {
                hosts.get(random.nextInt(hosts.size())).publish(chance(0.8));
            }
        }
        note(() -> "heal");
        healed = true;
        hosts.forEach(host -> host.frozenUntil = 0);
        hosts.forEach(this::merge);
        hosts.forEach(host -> host.side = 0);
        for (int i = 0; i < hosts.size(); i++) {
            if (!hosts.get(i).alive) {
                restart(i);
            }
        }
        regroup();
        clients.forEach(SimClient::connectSoon);
        runUntil(now + 30 * SECOND);
        // The next message contains the report of the missed ones.
        hosts.forEach(host -> host.publish(true));
        runUntil(now + 30 * SECOND);
        checkEnd();
    }

    private void tick() {
        for (SimNode host : List.copyOf(hosts)) {
            host.tick();
        }
        after(10 * MILLI, this::tick);
    }

    private void injectFault() {
        int at = random.nextInt(hosts.size());
        SimNode host = hosts.get(at);
        if (pauses && chance(0.2)) {
            pause(host);
            return;
        }
        switch (restarts && chance(0.7) ? 0 : random.nextInt(5)) {
            case 0 -> {
                if (host.alive) {
                    note(() -> host + " crashes");
                    saw("crash");
                    host.crash();
                    after(upTo(300 * MILLI), this::regroup);
                    after(500 * MILLI + upTo(3 * SECOND), () -> {
                        if (!hosts.get(at).alive) {
                            restart(at);
                            regroup();
                        }
                    });
                }
            }
            case 1 -> {
                note(() -> host + " freezes");
                saw("freeze");
                host.freeze(upTo(3 * SECOND));
            }
            case 2 -> {
                note(() -> "split");
                saw("split");
                hosts.forEach(each -> each.side = random.nextInt(2));
                after(upTo(300 * MILLI), this::regroup);
                after(upTo(6 * SECOND), () -> {
                    note(() -> "unite");
                    hosts.forEach(each -> each.side = 0);
                    regroup();
                });
            }
            default -> {
                SimNode other = hosts.get(random.nextInt(hosts.size()));
                note(() -> "the session between " + host + " and " + other + " ends");
                saw("session ends");
                host.endSession(other);
                other.endSession(host);
            }
        }
    }

    /** A node may stop after it has sent its requests. */
    void pauseInRound(SimNode host) {
        if (pauses && !healed && !host.frozen() && chance(0.01)) {
            saw("pause in a round");
            pause(host);
        }
    }

    /**
     * A node stops for up to a minute. The others exclude it after a while, and its clients leave it. It goes on with what it had, and
     * with what was sent to it before that.
     */
    private void pause(SimNode host) {
        long length = upTo(chance(0.5) ? 60 * SECOND : 12 * SECOND);
        note(() -> host + " is paused for " + length / MILLI + " ms");
        saw("pause");
        host.freeze(length);
        for (SimClient client : clients) {
            after(upTo(12 * SECOND), () -> {
                if (host.frozen()) {
                    client.abandon(host);
                }
            });
        }
        after(4 * SECOND + upTo(4 * SECOND), () -> {
            if (host.alive && host.frozen() && !host.excluded) {
                note(() -> host + " is excluded");
                saw("excluded");
                host.excluded = true;
                regroup();
                awaitThaw(host);
            }
        });
    }

    /** The others find a node again some time after its pause. */
    private void awaitThaw(SimNode host) {
        after(10 * MILLI, () -> {
            if (host.frozen()) {
                awaitThaw(host);
            } else {
                after(upTo(5 * SECOND), () -> merge(host));
            }
        });
    }

    private void merge(SimNode host) {
        if (!host.excluded || !host.alive || host.frozen()) {
            return;
        }
        note(() -> host + " is merged");
        host.excluded = false;
        for (SimNode other : hosts) {
            if (other != host) {
                host.endSession(other);
                other.endSession(host);
            }
        }
        regroup();
    }

    private void restart(int at) {
        SimNode before = hosts.get(at);
        hosts.set(at, new SimNode(this, before.host, incarnations++, bounds));
        note(() -> hosts.get(at) + " starts");
    }

    /** Gives each side a new view. */
    private void regroup() {
        int id = ++views;
        for (SimNode host : hosts) {
            List<SimNode> members = hosts.stream()
                    .filter(each -> each.alive && !each.excluded && each.side == host.side)
                    .toList();
            if (host.alive && !host.excluded) {
                after(upTo(100 * MILLI), () -> host.view(id, members));
            }
        }
    }

    Published named(String name) {
        return Objects.requireNonNull(names.get(name));
    }

    /** Returns the kept message of a dot. */
    Optional<Published> named(Dot dot) {
        return Optional.ofNullable(dots.get(dot));
    }

    void publish(Published message) {
        published.add(message);
        names.put(message.name(), message);
        if (message.kept()) {
            dots.put(message.dot(), message);
        }
    }

    /** Whether the bounds are so wide that nothing is dropped. */
    boolean keepsAll() {
        return bounds.messages() > 1_000;
    }

    /** The time until a client that lost its connection connects again. */
    long timeAway() {
        return upTo(restarts && chance(0.2) ? 8 * SECOND : 500 * MILLI);
    }

    SimNode anyNode() {
        List<SimNode> living = hosts.stream().filter(host -> host.alive).toList();
        return living.isEmpty() ? hosts.getFirst() : living.get(random.nextInt(living.size()));
    }

    Optional<SimNode> node(String owner) {
        return hosts.stream().filter(host -> host.owner.equals(owner)).findFirst();
    }

    double lossy() {
        return lossy;
    }

    private void checkEnd() {
        List<SimNode> logs =
                hosts.stream().filter(host -> host.replication != null).toList();
        for (SimNode host : logs) {
            check(
                    host.positions().equals(logs.getFirst().positions()),
                    () -> "positions differ:\n"
                            + logs.stream()
                                    .map(each -> each + " " + each.log.position())
                                    .collect(Collectors.joining("\n")));
        }
        Map<Dot, String> names = new HashMap<>();
        for (SimNode host : logs) {
            for (LogEntry<String> kept : host.log.kept()) {
                String other = names.putIfAbsent(kept.dot(), kept.content());
                check(
                        other == null || other.equals(kept.content()),
                        () -> "two messages are " + kept.dot() + ": " + other + " and " + kept.content());
            }
        }
        clients.forEach(SimClient::checkEnd);
    }
}
