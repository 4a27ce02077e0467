package io.heliodor.testkit;

import io.heliodor.link.Peer;
import io.heliodor.link.memory.MemoryNetwork;
import io.heliodor.node.Node;
import io.heliodor.node.wiring.WiredNode;
import io.heliodor.node.wiring.Wiring;
import io.heliodor.raft.MemoryStorage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A cluster in one JVM, for tests: real nodes with real threads over a network in memory, by a clock that stands still until it
 * is turned. No port is opened, and no second is waited for.
 *
 * {@snippet :
 * try (ClusterKit kit = ClusterKit.start("a@host", "b@host", "c@host")) {
 *     kit.node("a@host").election("jobs").whileLeading(duty);
 *     kit.node("b@host").election("jobs").whileLeading(duty);
 *     kit.crash("a@host");
 *     kit.await(() -> kit.node("b@host").election("jobs").leading());
 * }
 * }
 *
 * <p><b>The clock.</b> Every time limit and every period of a node goes by the clock of the kit: five seconds of a call pass by
 * {@link #advance}. It is turned in steps; after each the threads that were woken up come to rest. A call by the thread that
 * started the kit turns the clock itself while it waits, so it ends; calls by other threads wait until somebody turns it: make
 * those with {@link #async}. {@code Thread.sleep} and the like still take real time: let a process wait with
 * {@code inbox.receive(Duration)}.
 *
 * <p><b>Members.</b> Views follow faults as on a real network, with its times. A member that is not heard for the
 * {@linkplain Builder#silence silence} of 8 s is suspected, and excluded 500 ms later by the first member that suspects
 * all before it in the view, unless another one reaches both: so a fault between two members is a suspicion only. The kit
 * has no detours: what two such members send to each other is lost, while on a network a third one passes it on. What
 * hears each other again for 5 s becomes one, the larger side's coordinator first. A process that is killed is excluded
 * at once.
 *
 * <p><b>What is not the same each time:</b> the order of threads. Faults can be drawn from a seed by {@link #chaos}.
 *
 * <p>What changes the cluster returns when the threads that it woke up have come to rest. Threads that are busy are waited for
 * a second, and then hardly any more; platform threads of the test are not known. What is to be seen at once is better {@linkplain #await
 * awaited}.
 *
 * <p><b>Voters</b> are named by {@link Builder#configure}. Each node has a disk in memory, which outlives it.
 *
 * <p>All methods may be called by any thread; those that turn the clock have it in their description.
 */
public final class ClusterKit implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(100);
    private static final long PATIENCE = Duration.ofSeconds(20).toNanos();

    /** After so much of the clock a condition is waited for with more of the machine's time. */
    private static final long SLOWER = Duration.ofMinutes(1).toNanos();

    private static final long BREATH = 1_000_000;
    private static final int FIRST_PORT = 7100;

    private final Thread test = Thread.currentThread();
    private final MemoryNetwork network = MemoryNetwork.atOnce();
    private final NetworkFaults faults = new NetworkFaults(network);
    private final VirtualClock clock = new VirtualClock(new QuiescenceDetector(this::nodesIdle));
    private final NodeTime own = new NodeTime(clock, test, this::toString);
    private final KitClock shown = KitClock.of(() -> clock.now() - VirtualClock.BEGIN);
    private final SimulatedMembership views;
    private final Random lives;
    private final Consumer<? super Node.Builder> configure;
    private final Duration patience;

    // Guarded by this.
    private final Map<String, NodeIncarnation> nodes = new LinkedHashMap<>();
    private final Map<String, MemoryStorage> disks = new HashMap<>();
    private final List<CompletableFuture<Void>> killed = new ArrayList<>();
    private final Map<String, List<ChannelKit>> servers = new HashMap<>();
    private boolean closed;

    private ClusterKit(Builder builder) {
        this.views = new SimulatedMembership(
                network, clock, faults, new SimulatedMembership.Timing(builder.silence, builder.verify, builder.merge));
        this.lives = new Random(builder.seed);
        this.configure = builder.configure;
        this.patience = builder.patience;
    }

    /**
     * Starts a cluster with nothing special.
     *
     * @param nodes the names of its nodes, {@code app@host}, in the order of the view; one or more
     * @return the cluster, all nodes members of one view
     * @throws IllegalArgumentException when a name is given twice, or none
     * @throws io.heliodor.node.StartException when one is no name
     */
    public static ClusterKit start(String... nodes) {
        return builder().nodes(nodes).start();
    }

    /**
     * Begins to describe a cluster.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A node of this cluster, as it runs now: after {@link #restart} it is another.
     *
     * @param name its name
     * @return the node
     * @throws IllegalArgumentException when there is none of that name
     * @throws IllegalStateException when it has crashed
     */
    public Node node(String name) {
        NodeIncarnation life = life(name);
        WiredNode node = life.node();
        if (node == null || life.state == NodeIncarnation.State.CRASHED) {
            throw new IllegalStateException(name + " has crashed: restart(\"" + name + "\") starts it again.");
        }
        return node;
    }

    /**
     * The names of all nodes, in the order in which they were added.
     *
     * @return an immutable list; those that have crashed or were closed are in it
     */
    public synchronized List<String> nodes() {
        return List.copyOf(nodes.keySet());
    }

    /**
     * Starts one more node, which joins those that hear it. May turn the clock.
     *
     * @param name its name, {@code app@host}
     * @return the node
     * @throws IllegalArgumentException when there is one of that name
     */
    public Node add(String name) {
        int port;
        synchronized (this) {
            checkOpen();
            if (nodes.containsKey(name)) {
                throw new IllegalArgumentException(
                        "There is a node " + name + " already: restart it, or take another name.");
            }
            port = FIRST_PORT + nodes.size();
        }
        return start(name, port);
    }

    private Node start(String name, int port) {
        NodeIncarnation life;
        MemoryStorage disk;
        synchronized (this) {
            NodeTime time = new NodeTime(clock, test, this::toString);
            life = new NodeIncarnation(new Peer(name, lives.nextLong() & Long.MAX_VALUE), port, time);
            nodes.put(name, life);
            disk = disks.computeIfAbsent(name, _ -> new MemoryStorage(Long.toHexString(lives.nextLong())))
                    .reopened();
            disks.put(name, disk);
        }
        Node.Builder builder = Node.builder(name).bind("127.0.0.1", port);
        boolean started = false;
        try {
            configure.accept(builder);
            WiredNode node = new Wiring(life.peer().incarnation(), life.time(), disk, listener -> {
                        KitWire wire = new KitWire(network.open(life.peer(), listener), life, views);
                        views.join(life);
                        return wire;
                    })
                    .start(builder);
            life.started(node);
            started = true;
            clock.rest();
            return node;
        } finally {
            if (!started) {
                forget(name, life);
            }
        }
    }

    private synchronized void forget(String name, NodeIncarnation life) {
        nodes.remove(name, life);
        life.time().close();
    }

    private synchronized NodeIncarnation life(String name) {
        checkOpen();
        NodeIncarnation life = nodes.get(name);
        if (life == null) {
            throw new IllegalArgumentException("There is no node " + name + " here, but " + nodes.keySet() + ".");
        }
        return life;
    }

    private NodeIncarnation living(String name) {
        NodeIncarnation life = life(name);
        if (!life.exists()) {
            throw new IllegalStateException(
                    name + " has " + (life.state == NodeIncarnation.State.CRASHED ? "crashed" : "been closed")
                            + ": restart it first.");
        }
        return life;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The kit is closed.");
        }
    }

    /**
     * The time of the nodes, for code that wants to be told it.
     *
     * @return a clock in UTC that begins with the year 2026 and moves when this one is turned
     */
    public Clock clock() {
        return shown;
    }

    /**
     * How far the clock was turned.
     *
     * @return 0 or more
     */
    public Duration elapsed() {
        return Duration.ofNanos(clock.now() - VirtualClock.BEGIN);
    }

    /**
     * Turns the clock: all that is due is done in order, and threads come to rest in between. Returns when they have.
     *
     * @param by how far, 0 or more
     * @throws IllegalArgumentException when that is negative
     */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("The clock is turned forward, not by " + by + ".");
        }
        clock.advance(by);
    }

    /** Turns the clock to what is due next, a tenth of a second at most. */
    void turn() {
        clock.step();
    }

    /**
     * Turns the clock step by step until something is so.
     *
     * @param condition looks whether it is, by this thread
     * @throws AssertionError when it is not so after the {@linkplain Builder#patience patience} of real time; it says how the
     *     cluster looks
     */
    public void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        long begin = clock.now();
        clock.rest();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("It was not so within " + patience + ", in which the clock was turned by "
                        + Duration.ofNanos(clock.now() - begin) + ".\n" + this);
            }
            if (clock.now() - begin > SLOWER) {
                LockSupport.parkNanos(BREATH);
            }
            clock.step();
        }
    }

    /**
     * Does something on a virtual thread of its own: what waits for the clock while the test turns it.
     *
     * @param work what to do
     * @param <T> what comes out
     * @return complete with what came out of it, or what it threw
     */
    public <T> CompletableFuture<T> async(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().name("async").start(() -> {
            try {
                result.complete(work.call());
            } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
            }
        });
        return result;
    }

    /**
     * Cuts two sides apart: nothing passes between them until {@link #heal}, in neither direction.
     *
     * @param side names of nodes
     * @param other names of others
     * @throws IllegalArgumentException when a side is empty, a name is unknown, or on both sides
     */
    public void partition(Collection<String> side, Collection<String> other) {
        side.forEach(this::life);
        other.forEach(this::life);
        if (side.isEmpty() || other.isEmpty()) {
            throw new IllegalArgumentException(
                    "A partition has nodes on both sides, not " + side + " and " + other + ".");
        }
        Set<String> both = new LinkedHashSet<>(side);
        both.retainAll(other);
        if (!both.isEmpty()) {
            throw new IllegalArgumentException("These are on both sides of the partition: " + both + ".");
        }
        change(() -> {
            for (String one : side) {
                for (String another : other) {
                    faults.lose(one, another);
                    faults.lose(another, one);
                }
            }
        });
    }

    /**
     * Loses what one node sends to another until {@link #heal}; the other direction stays as it is.
     *
     * @param from the name of who sends
     * @param to the name of whom it does not reach
     */
    public void oneWay(String from, String to) {
        checkPair(from, to);
        change(() -> faults.lose(from, to));
    }

    /**
     * Keeps what one node sends to another on its way until {@link #release}, or {@link #heal}.
     *
     * @param from the name of who sends
     * @param to the name of whom it does not reach yet
     */
    public void delay(String from, String to) {
        checkPair(from, to);
        change(() -> faults.hold(from, to));
    }

    /**
     * Lets pass what was delayed, in order.
     *
     * @param from the name of who sends
     * @param to the name of whom it reaches now
     */
    public void release(String from, String to) {
        checkPair(from, to);
        change(() -> faults.release(from, to));
    }

    private void change(Runnable change) {
        views.faults(change);
        clock.rest();
    }

    private void checkPair(String from, String to) {
        if (life(from).equals(life(to))) {
            throw new IllegalArgumentException("What " + from + " sends to itself does not pass the network.");
        }
    }

    /** Lets everything pass again, everywhere; what was delayed comes first. Who is paused or has crashed stays so. */
    public void heal() {
        synchronized (this) {
            checkOpen();
        }
        change(faults::heal);
    }

    /**
     * Freezes a node, as a machine that hangs: nothing reaches it, what it sends waits, and its time stands. Its threads do
     * run on, but hear of nothing outside. Does nothing when it is paused.
     *
     * @param name its name
     * @throws IllegalStateException when it has crashed
     */
    public void pause(String name) {
        NodeIncarnation life = living(name);
        if (life.runs()) {
            life.time().pause();
            views.pause(life);
            clock.rest();
        }
    }

    /**
     * Lets a paused node go on: it sees that time has passed, and what happened meanwhile. Does nothing when it is not paused.
     *
     * @param name its name
     * @throws IllegalStateException when it has crashed
     */
    public void resume(String name) {
        NodeIncarnation life = living(name);
        if (!life.runs()) {
            life.time().resume();
            views.resume(life);
            clock.rest();
        }
    }

    /**
     * Kills a node: it says no farewell, and who hears it excludes it at once. What it had sent is under way. Its duties and
     * processes are asked to end; those that do not are interrupted. The clients of its {@linkplain ChannelKit.Builder#node
     * server} lose their connections.
     *
     * @param name its name
     * @throws IllegalStateException when it has crashed or was closed already
     */
    public void crash(String name) {
        NodeIncarnation life = living(name);
        life.time().resume();
        views.crash(life);
        WiredNode node = life.node();
        if (node != null) {
            CompletableFuture<Void> end = node.kill();
            synchronized (this) {
                killed.add(end);
            }
        }
        serversOf(name).forEach(server -> server.killed(name));
        clock.rest();
    }

    /** A server runs on a node from now on. */
    synchronized void serves(String name, ChannelKit server) {
        servers.computeIfAbsent(name, _ -> new ArrayList<>()).add(server);
    }

    synchronized void left(String name, ChannelKit server) {
        servers.getOrDefault(name, new ArrayList<>()).remove(server);
    }

    private synchronized List<ChannelKit> serversOf(String name) {
        List<ChannelKit> present = servers.remove(name);
        return present == null ? List.of() : present;
    }

    /**
     * Starts a node again: another life of the same name, with nothing of the former. One that runs is killed before. May turn
     * the clock.
     *
     * @param name its name
     * @return the node
     */
    public Node restart(String name) {
        NodeIncarnation before = life(name);
        if (before.exists()) {
            crash(name);
        }
        return start(name, before.port());
    }

    /**
     * Faults that are drawn from a seed.
     *
     * @param seed the same for the same faults
     * @return what draws them
     */
    public Chaos chaos(long seed) {
        return new Chaos(this, seed);
    }

    /** Whether a node can be paused; for {@link Chaos}. */
    boolean runs(String name) {
        return life(name).runs();
    }

    boolean exists(String name) {
        return life(name).exists();
    }

    private boolean nodesIdle() {
        return network.quiet() && views.lives().stream().allMatch(life -> life.isQuiescent(network));
    }

    /** How the cluster looks: the clock, the nodes, what they see, and what is wrong with the network. */
    @Override
    public String toString() {
        StringBuilder all = new StringBuilder("clock: " + elapsed() + "\n" + views + faults);
        List<NodeIncarnation> present;
        synchronized (this) {
            present = List.copyOf(nodes.values());
        }
        for (NodeIncarnation life : present) {
            WiredNode node = life.node();
            if (life.exists() && node != null) {
                all.append(life).append(" sees ");
                node.membership()
                        .members()
                        .forEach(member -> all.append(member.node())
                                .append(' ')
                                .append(member.status())
                                .append(", "));
                all.append("names ").append(node.registry().names()).append('\n');
            }
        }
        return all.toString();
    }

    /**
     * Heals the network and closes all nodes that are not closed, together. Turns the clock. Closing again does nothing.
     *
     * @throws AssertionError when that takes more than 20 s of real time
     */
    @Override
    public void close() {
        List<NodeIncarnation> open;
        List<CompletableFuture<?>> ends;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = nodes.values().stream().filter(NodeIncarnation::exists).toList();
            ends = new ArrayList<>(killed);
        }
        views.faults(faults::heal);
        for (NodeIncarnation life : open) {
            if (!life.runs()) {
                life.time().resume();
                views.resume(life);
            }
            WiredNode node = life.node();
            if (node != null) {
                ends.add(async(() -> {
                    node.close();
                    return true;
                }));
            }
        }
        long deadline = System.nanoTime() + PATIENCE;
        clock.rest();
        while (!ends.stream().allMatch(CompletableFuture::isDone)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("The nodes do not end.\n" + this);
            }
            clock.step();
        }
        own.close();
    }

    /** Describes a cluster. Not thread-safe. */
    public static final class Builder {
        private final Set<String> nodes = new LinkedHashSet<>();
        private long seed = 1;
        private Consumer<? super Node.Builder> configure = builder -> {};
        private Duration silence = Duration.ofSeconds(8);
        private Duration verify = Duration.ofMillis(500);
        private Duration merge = Duration.ofSeconds(5);
        private Duration patience = Duration.ofSeconds(10);

        private Builder() {}

        /**
         * Nodes that are started with the cluster.
         *
         * @param names {@code app@host} each, in the order of the view
         * @return this
         * @throws IllegalArgumentException when a name is given twice
         */
        public Builder nodes(String... names) {
            for (String name : names) {
                if (!nodes.add(name)) {
                    throw new IllegalArgumentException("Node " + name + " is given twice.");
                }
            }
            return this;
        }

        /**
         * From what the incarnations of nodes are drawn.
         *
         * @param seed 1 if nothing is said
         * @return this
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * What each node is given before it is started: codecs, a conflict resolver, the size of messages. Where it listens,
         * its seeds, its cookie and its directory mean nothing here.
         *
         * @param configure is given the builder of each node at each start
         * @return this
         */
        public Builder configure(Consumer<? super Node.Builder> configure) {
            this.configure = configure;
            return this;
        }

        /**
         * After how long without a word a member is suspected.
         *
         * @param silence 8 s if nothing is said
         * @return this
         */
        public Builder silence(Duration silence) {
            this.silence = positive("silence", silence);
            return this;
        }

        /**
         * How long a suspect has to answer before it is excluded.
         *
         * @param verify 500 ms if nothing is said
         * @return this
         */
        public Builder verify(Duration verify) {
            this.verify = positive("verify", verify);
            return this;
        }

        /**
         * How long until parts of a cluster that hear each other become one.
         *
         * @param merge 5 s if nothing is said
         * @return this
         */
        public Builder merge(Duration merge) {
            this.merge = positive("merge", merge);
            return this;
        }

        /**
         * How long, by the machine's own clock, {@link ClusterKit#await} waits.
         *
         * @param patience 10 s if nothing is said
         * @return this
         */
        public Builder patience(Duration patience) {
            this.patience = positive("patience", patience);
            return this;
        }

        private static Duration positive(String what, Duration time) {
            if (!time.isPositive()) {
                throw new IllegalArgumentException("The time of " + what + " is more than 0, not " + time + ".");
            }
            return time;
        }

        /**
         * Starts the cluster. The thread that calls this is that of the test.
         *
         * @return the cluster, all nodes members of one view
         * @throws IllegalArgumentException when it has no nodes
         * @throws io.heliodor.node.StartException when a node has no good name
         */
        public ClusterKit start() {
            if (nodes.isEmpty()) {
                throw new IllegalArgumentException("A cluster has nodes: name one or more.");
            }
            ClusterKit kit = new ClusterKit(this);
            boolean started = false;
            try {
                kit.begin();
                nodes.forEach(kit::add);
                started = true;
                return kit;
            } finally {
                if (!started) {
                    kit.close();
                }
            }
        }
    }

    /** Before the first node, whose start may turn the clock: so that no silence is older than a fault. */
    private void begin() {
        var _ = own.every(TICK, views::tick);
    }
}
