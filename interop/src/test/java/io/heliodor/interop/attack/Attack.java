package io.heliodor.interop.attack;

import io.heliodor.interop.ServerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One attack on a server that the launcher starts, while healthy clients use it. */
public final class Attack {
    /** The longest time for an echo of a healthy client, on a machine that does nothing else. */
    static final Duration MAX_ECHO = Duration.ofSeconds(2);

    /** The same in the build, where other processes share the machine. The server's stalls that were found took longer. */
    static final Duration MAX_ECHO_IN_BUILD = Duration.ofSeconds(10);

    private static final Duration LONG = Duration.ofMinutes(10);

    /** The limit of additional live heap after the attack, other than histories. */
    static final long HEAP_GROWTH = 24L << 20;

    /** The limit of the bytes that the histories of all topics keep for their five minutes. */
    static final long HISTORY_BYTES = 64L << 20;

    /** The limit of the updates that documents in memory keep: an eighth of the heap. */
    static final long DOCUMENT_BYTES = 64L << 20;

    /** The limit of the answers of calls that are executed once, which are kept for ten minutes. */
    static final long ONCE_BYTES = 64L << 20;

    /** The limit of what the server logs, in characters a second. */
    static final long LOG_RATE = 64L << 10;

    /** The limit of additional direct memory in use after the attack. */
    static final long BUFFER_GROWTH = 1L << 20;

    /** The limit of direct memory that the allocator keeps: a chunk of 4 MiB stays while a thread caches part of it. */
    static final long DIRECT_BYTES = 128L << 20;

    /** Bytes that all attackers together send in a second. */
    private static final long RATE = Long.getLong("heliodor.attack.rate", 200) << 20;

    private static final int HEALTHY = 500;
    private static final int ROOMS = 50;
    private static final Duration SAMPLE = Duration.ofSeconds(10);
    private static final int SAMPLES_OF_HELD_HEAP = 5;
    private static final Duration WARM = Duration.ofSeconds(5);
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMillis(50);
    private static final int SHOWN = 2;

    private final Duration lasts;
    private final long seed;
    private final String transport;
    private final List<AttackVector> vectors;
    private final List<String> problems = new ArrayList<>();

    /** An attack as the system properties {@code heliodor.attack} and {@code heliodor.attack.*} have it. */
    Attack() {
        String names = System.getProperty("heliodor.attack.vectors", "");
        lasts = Duration.parse(System.getProperty("heliodor.attack", "PT30S"));
        seed = Long.getLong("heliodor.attack.seed", 1);
        transport = System.getProperty("heliodor.attack.transport", "io_uring");
        vectors = Vectors.named(names.isEmpty() ? List.of() : List.of(names.split(",")));
    }

    /** Attacks, and prints the faults; the exit status is 1 if there is one. */
    public static void main(String[] args) throws Exception {
        List<String> problems = new Attack().run();
        problems.forEach(System.out::println);
        System.exit(problems.isEmpty() ? 0 : 1);
    }

    /** Attacks; returns the faults, in plain words. */
    List<String> run() throws Exception {
        System.out.println("Attack for " + lasts + " with seed " + seed + " by "
                + vectors.stream().map(AttackVector::name).toList());
        ServerProcess server = ServerProcess.withPage("--compress", "--log-level", "warn", "--transport", transport);
        try (HealthyCrowd crowd = new HealthyCrowd(server.port(), HEALTHY, ROOMS);
                Reactor reactor = new Reactor("attackers", RATE)) {
            attack(server, crowd, reactor);
            if (server.outOfMemoryLines() > 0) {
                problems.add(server.outOfMemoryLines() + " lines of the server name an OutOfMemoryError, the first: "
                        + server.firstOutOfMemoryLine());
            }
            add(crowd.violations());
            add(crowd.failures());
            add(reactor.failures());
        } finally {
            server.kill();
        }
        return problems;
    }

    private void attack(ServerProcess server, HealthyCrowd crowd, Reactor reactor) throws Exception {
        if (!happens(server, () -> crowd.joined() == HEALTHY)) {
            problems.add("only " + crowd.joined() + " healthy clients have joined");
            return;
        }
        crowd.startSending();
        pause(WARM);
        Level before = Level.of(server);
        System.out.println("Before: " + before);
        crowd.window();
        Table table = new Table();
        long printed = server.printed();
        Schedule schedule = new Schedule(reactor, server.port(), vectors, seed);
        runAll(server, crowd, schedule, table, before);
        List<String> lastRunning = schedule.names();
        long logged = (server.printed() - printed) / lasts.toSeconds();
        System.out.println("Logged " + logged + " characters a second");
        if (logged > LOG_RATE) {
            problems.add("the server logs " + logged + " characters a second");
        }
        add(schedule.finish(DEADLINE));
        table.add(server, crowd, List.of());
        table.write((vectors.size() == 1 ? vectors.getFirst().name() : "mixed") + "-" + seed);
        Duration maxEcho = lasts.compareTo(LONG) < 0 ? MAX_ECHO_IN_BUILD : MAX_ECHO;
        if (table.worstEcho() > maxEcho.toNanos()) {
            problems.add("an echo took " + Duration.ofNanos(table.worstEcho()));
        }
        try {
            recovers(server, crowd, before);
        } catch (IOException e) {
            problems.add("the server does not answer after the attack: " + e.getMessage());
        }
        if (!server.isAlive()) {
            problems.add("the server ended with status " + server.exitStatus() + " during " + lastRunning
                    + ", the last it printed: " + server.output().getLast());
        }
    }

    private void runAll(ServerProcess server, HealthyCrowd crowd, Schedule schedule, Table table, Level before)
            throws Exception {
        long end = System.nanoTime() + lasts.toNanos();
        long sample = Math.min(SAMPLE.toNanos(), lasts.toNanos() / 5);
        long nextSample = System.nanoTime() + sample;
        int samples = 0;
        while (System.nanoTime() - end < 0 && server.isAlive()) {
            schedule.advance();
            if (System.nanoTime() - nextSample >= 0) {
                nextSample += sample;
                table.add(server, crowd, schedule.names());
                if (++samples % SAMPLES_OF_HELD_HEAP == 0) {
                    compareHeldWithCounted(server, before, schedule.names());
                }
            }
            pause(STEP);
        }
    }

    /**
     * The heap that is held for clients in the middle of the attack is not more than the heap that is counted. The store of documents in
     * memory is the application's, with a limit of its own, and is not counted.
     */
    private void compareHeldWithCounted(ServerProcess server, Level before, List<String> running) throws Exception {
        try {
            long counted = ServerNumbers.read(server.port()).countedBytes();
            long held = server.liveBytes() - before.heap() + before.counted();
            counted = Math.max(counted, ServerNumbers.read(server.port()).countedBytes());
            System.out.println("Held " + (held >> 20) + " MiB, counted " + (counted >> 20) + " MiB");
            if (held > counted + HEAP_GROWTH + (has(Documents.class) ? DOCUMENT_BYTES : 0)) {
                problems.add("held " + held + " bytes of heap, counted " + counted + " during " + running);
            }
        } catch (IOException e) {
            // The server did not answer in time: the next comparison follows.
        }
    }

    /** Checks that nothing is left of the attackers, and that the healthy clients have everything. */
    private void recovers(ServerProcess server, HealthyCrowd crowd, Level before) throws Exception {
        String[] seen = {"no answer"};
        boolean calm = happens(server, () -> {
            ServerNumbers numbers = ServerNumbers.read(server.port());
            seen[0] = numbers.connections() + " connections, " + numbers.channels() + " channels";
            return numbers.connections() == HEALTHY && numbers.channels() == HEALTHY;
        });
        crowd.stopSending();
        boolean complete = happens(server, () -> crowd.incomplete() == 0);
        if (!server.isAlive()) {
            return;
        }
        if (!calm) {
            problems.add("with " + HEALTHY + " clients in a channel each there are, " + DEADLINE
                    + " after the attack, still " + seen[0]);
        }
        if (!complete) {
            problems.add(crowd.incomplete() + " healthy clients miss echoes or broadcasts");
        }
        Level after = Level.of(server);
        System.out.println("After: " + after);
        if (after.heap() > before.heap() + HEAP_GROWTH + keptBytes()) {
            problems.add("the live heap stays larger: before " + before + ", after " + after);
        }
        if (after.buffers() > before.buffers() + BUFFER_GROWTH) {
            problems.add("buffers stay in use: before " + before + ", after " + after);
        }
        if (after.direct() > DIRECT_BYTES) {
            problems.add(
                    "the allocator keeps more than " + DIRECT_BYTES + " bytes: before " + before + ", after " + after);
        }
    }

    /** The limit of what is kept after the vectors have ended. */
    private long keptBytes() {
        long histories = has(Histories.class) || has(Replays.class) ? HISTORY_BYTES : 0;
        return histories + (has(Documents.class) ? DOCUMENT_BYTES : 0) + (has(OnceKeys.class) ? ONCE_BYTES : 0);
    }

    private boolean has(Class<? extends AttackVector> vector) {
        return vectors.stream().anyMatch(vector::isInstance);
    }

    /** Adds the first of them, and their number. */
    private void add(Collection<?> found) {
        found.stream().limit(SHOWN).forEach(one -> problems.add(one.toString()));
        if (found.size() > SHOWN) {
            problems.add("and " + (found.size() - SHOWN) + " more like the last one");
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    /** Waits for a condition while the server runs. */
    private static boolean happens(ServerProcess server, Condition condition) throws InterruptedException {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (server.isAlive() && System.nanoTime() - end < 0) {
            try {
                if (condition.holds()) {
                    return true;
                }
            } catch (IOException e) {
                // The server did not answer: tries again.
            }
            pause(STEP);
        }
        return false;
    }

    private static void pause(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }
}
