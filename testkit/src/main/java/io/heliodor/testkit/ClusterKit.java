package io.heliodor.testkit;

import io.heliodor.link.SessionLink;
import io.heliodor.link.memory.MemoryNetwork;
import io.heliodor.node.Node;
import io.heliodor.node.wiring.WiredNode;
import io.heliodor.node.wiring.Wiring;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A test cluster in one JVM: real nodes with real threads, a network in memory, and a clock that only tests advance. It opens
 * no port, and tests do not wait in real time.
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
 * <p><b>The clock.</b> All timeouts and periods of nodes use the clock of the kit: {@link #advance} passes the five seconds of a
 * call. The clock advances in steps, each of which ends when the woken threads are idle. A call by the thread that started
 * the kit advances the clock while it waits, so it completes. Calls by other threads wait until the clock is advanced: make
 * them with {@link #async}. {@code Thread.sleep} takes real time: let a process wait with {@code inbox.receive(Duration)}.
 *
 * <p><b>Members.</b> Views change after faults as on a real network, with its timeouts. A member without contact for the
 * {@linkplain Builder#silence silence} of 4 s is suspected. The first member that suspects all members before it in the view
 * excludes it 7 s later, unless another member reaches both: a fault between two members is a suspicion only. The kit does
 * not relay messages: two such members lose their messages, while on a network a third one relays them. Parts that reach each
 * other for 5 s merge, with the coordinator of the larger part first. A killed process is excluded immediately.
 *
 * <p><b>Determinism:</b> the order of threads differs between runs. {@link #chaos} draws faults from a seed.
 *
 * <p>Methods that change the cluster return when the threads that they woke are idle. They wait for a second for busy threads,
 * and then hardly any longer; platform threads of the test are not detected. {@linkplain #await Await} conditions that must
 * hold then.
 *
 * <p><b>Voters</b> are named by {@link Builder#configure}. Each node has a disk in memory, which survives its restarts.
 *
 * <p>Any thread may call all methods. The descriptions of methods that advance the clock mention it.
 */
public final class ClusterKit implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(100);
    private static final long PATIENCE = Duration.ofSeconds(20).toNanos();

    /** After so much time of the clock, each step of an await also takes real time. */
    private static final long SLOW_AFTER = Duration.ofMinutes(1).toNanos();

    private static final long REAL_PAUSE = 1_000_000;

    private final Thread test = Thread.currentThread();
    private final MemoryNetwork network = MemoryNetwork.atOnce();
    private final NetworkFaults faults = new NetworkFaults(network);
    private final KitThreads threads = KitThreads.current();
    private final VirtualClock clock = new VirtualClock(threads.rest(this::nodesIdle));
    private final NodeTime own = newTime();
    private final KitClock shown = KitClock.of(() -> clock.now() - VirtualClock.BEGIN);
    private final SimulatedMembership views;
    private final ServersByNode servers = new ServersByNode();
    private final ClusterSettler settler;
    private final ClusterNodes nodes;
    private final Duration patience;

    /** The ends of the nodes that were killed. */
    private final Queue<CompletableFuture<Void>> killed = new ConcurrentLinkedQueue<>();

    private ClusterKit(Builder builder) {
        this.views = new SimulatedMembership(
                network, clock, faults, new SimulatedMembership.Timing(builder.silence, builder.verify, builder.merge));
        this.settler = new ClusterSettler(network, clock, views, servers, this::toString);
        this.nodes = new ClusterNodes(
                new NodeStarter(network, views, faults, builder.configure, builder.capacity, builder.maxTopics),
                builder.seed,
                this::newTime);
        this.patience = builder.patience;
    }

    private NodeTime newTime() {
        return new NodeTime(clock, threads, test, this::toString);
    }

    private boolean nodesIdle() {
        return settler.nodesIdle();
    }

    /**
     * Starts a cluster with the defaults.
     *
     * @param nodes the names of its nodes, {@code app@host}, in the order of the view; one or more
     * @return the cluster, all nodes members of one view
     * @throws IllegalArgumentException if a name is given twice, or none
     * @throws io.heliodor.node.StartException if one is not a valid name
     */
    public static ClusterKit start(String... nodes) {
        return builder().nodes(nodes).start();
    }

    /**
     * Creates a builder.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns a node of this cluster in its current incarnation: after {@link #restart} it is another object.
     *
     * @param name its name
     * @return the node
     * @throws IllegalArgumentException if there is none of that name
     * @throws IllegalStateException if it has crashed
     */
    public Node node(String name) {
        Objects.requireNonNull(name, "name");
        return nodes.node(name);
    }

    /**
     * Returns the names of all nodes in the order of their addition.
     *
     * @return an immutable list, including crashed and closed nodes
     */
    public List<String> nodes() {
        return nodes.names();
    }

    /**
     * Starts another node, which joins the members that it reaches. May advance the clock.
     *
     * @param name its name, {@code app@host}
     * @return the node
     * @throws IllegalArgumentException if there is one of that name
     */
    public Node add(String name) {
        Objects.requireNonNull(name, "name");
        Node node = nodes.add(name);
        clock.rest();
        return node;
    }

    /**
     * Returns the time of the nodes as a clock.
     *
     * @return a clock in UTC that begins with the year 2026
     */
    public Clock clock() {
        return shown;
    }

    /**
     * Returns how far the clock has advanced.
     *
     * @return 0 or more
     */
    public Duration elapsed() {
        return Duration.ofNanos(clock.now() - VirtualClock.BEGIN);
    }

    /**
     * Advances the clock: due tasks run in order, and woken threads become idle in between. Returns when they are idle.
     *
     * @param by 0 or more
     * @throws IllegalArgumentException if that is negative
     */
    public void advance(Duration by) {
        Objects.requireNonNull(by, "by");
        if (by.isNegative()) {
            throw new IllegalArgumentException("The clock cannot advance by " + by + ".");
        }
        clock.advance(by);
    }

    /** The time of the present incarnation of a node. */
    NodeTime time(String name) {
        return nodes.find(name).time();
    }

    /** Advances the clock to the next due task, a tenth of a second at most. */
    void turn() {
        clock.step();
    }

    /**
     * Advances the clock step by step until a condition holds.
     *
     * @param condition evaluated by the calling thread
     * @throws AssertionError if it does not hold after the {@linkplain Builder#patience patience} of real time; the message
     *     contains the state of the cluster
     */
    public void await(BooleanSupplier condition) {
        Objects.requireNonNull(condition, "condition");
        long deadline = threads.nanoTime() + patience.toNanos();
        long begin = clock.now();
        clock.rest();
        while (!condition.getAsBoolean()) {
            if (threads.nanoTime() - deadline > 0) {
                throw new AssertionError("The condition did not hold within " + patience + "; the clock advanced by "
                        + Duration.ofNanos(clock.now() - begin) + ".\n" + this);
            }
            if (clock.now() - begin > SLOW_AFTER) {
                LockSupport.parkNanos(REAL_PAUSE);
            }
            clock.step();
        }
    }

    /**
     * Waits until all caused work is done on all nodes, without advancing the clock. Published messages have arrived at the
     * subscribers of other nodes, and broadcasts at the clients of {@linkplain ChannelKit.Builder#node servers} there: so a
     * test checks what came, and that no more comes. Subscriptions are known to the other nodes.
     *
     * <p>Messages that a fault holds or that a paused node does not take, and work that waits for the clock, are not awaited.
     * Your own threads count as in {@link ChannelKit#settle}.
     *
     * @throws AssertionError if work is left after the {@linkplain Builder#patience patience} of real time; the message names
     *     the running handlers and contains the state of the cluster
     */
    public void settle() {
        nodes.checkOpen();
        settle(threads.nanoTime() + patience.toNanos(), patience);
    }

    /** Settles until a time of the machine at most, which is after the given one has passed. */
    void settle(long end, Duration deadline) {
        settler.settle(end, deadline);
    }

    /**
     * Runs work on a virtual thread of its own, so that it can wait while the test advances the clock.
     *
     * @param work the work
     * @param <T> the type of its result
     * @return a future of its result or exception
     */
    public <T> CompletableFuture<T> async(Callable<T> work) {
        Objects.requireNonNull(work, "work");
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
     * Cuts the links between two sides in both directions, until {@link #heal}.
     *
     * @param side names of nodes
     * @param other names of other nodes
     * @throws IllegalArgumentException if a side is empty, a name is unknown, or on both sides
     */
    public void partition(Collection<String> side, Collection<String> other) {
        Objects.requireNonNull(side, "side");
        Objects.requireNonNull(other, "other");
        side.forEach(nodes::find);
        other.forEach(nodes::find);
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
     * Loses the messages of one node to another until {@link #heal}; the other direction is not affected.
     *
     * @param from the name of the sender
     * @param to the name of the receiver
     */
    public void oneWay(String from, String to) {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        checkPair(from, to);
        change(() -> faults.lose(from, to));
    }

    /**
     * Holds the messages of one node to another until {@link #release} or {@link #heal}.
     *
     * @param from the name of the sender
     * @param to the name of the receiver
     */
    public void delay(String from, String to) {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        checkPair(from, to);
        change(() -> faults.hold(from, to));
    }

    /**
     * Delivers held messages in order.
     *
     * @param from the name of the sender
     * @param to the name of the receiver
     */
    public void release(String from, String to) {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        checkPair(from, to);
        change(() -> faults.release(from, to));
    }

    /**
     * Refuses the next message of a node to another one that may be lost, as a full queue does: the session between them goes
     * on. Until {@link #heal}.
     */
    void refuseMessage(String from, String to) {
        checkPair(from, to);
        faults.refuseMessage(from, to);
    }

    /** The bytes that are queued for another node or in flight to it. */
    long queuedBytes(String from, String to) {
        checkPair(from, to);
        WiredNode sender = nodes.find(from).node();
        return sender == null ? 0 : sender.queuedBytes(nodes.find(to).peer());
    }

    /** Loses the next packet of a node to another one, which ends a session if it has messages. Until {@link #heal}. */
    void losePacket(String from, String to) {
        checkPair(from, to);
        faults.losePacket(from, to);
    }

    private void change(Runnable change) {
        views.faults(change);
        clock.rest();
    }

    private void checkPair(String from, String to) {
        if (nodes.find(from).equals(nodes.find(to))) {
            throw new IllegalArgumentException("What " + from + " sends to itself does not pass the network.");
        }
    }

    /** Ends all faults of the network; held messages come first. Paused and crashed nodes stay as they are. */
    public void heal() {
        nodes.checkOpen();
        change(faults::heal);
    }

    /**
     * Pauses a node, like a machine that hangs: it receives nothing, its messages wait, and its time stops. Its threads continue
     * without contact to other nodes. Does nothing if it is paused.
     *
     * @param name its name
     * @throws IllegalStateException if it has crashed
     */
    public void pause(String name) {
        Objects.requireNonNull(name, "name");
        NodeIncarnation incarnation = nodes.existing(name);
        if (incarnation.runs()) {
            incarnation.time().pause();
            views.pause(incarnation);
            clock.rest();
        }
    }

    /**
     * Resumes a paused node, which then detects the passed time and receives waiting messages. Does nothing if it is not paused.
     *
     * @param name its name
     * @throws IllegalStateException if it has crashed
     */
    public void resume(String name) {
        Objects.requireNonNull(name, "name");
        NodeIncarnation incarnation = nodes.existing(name);
        if (!incarnation.runs()) {
            incarnation.time().resume();
            views.resume(incarnation);
            clock.rest();
        }
    }

    /**
     * Kills a node. It does not leave the cluster; members that reach it exclude it immediately, and its sent messages are still
     * delivered. Its duties and processes are requested to end, and interrupted if they do not. The clients of its {@linkplain
     * ChannelKit.Builder#node server} lose their connections.
     *
     * @param name its name
     * @throws IllegalStateException if it has crashed or was closed already
     */
    public void crash(String name) {
        Objects.requireNonNull(name, "name");
        NodeIncarnation incarnation = nodes.existing(name);
        incarnation.time().resume();
        views.crash(incarnation);
        WiredNode node = incarnation.node();
        if (node != null) {
            killed.add(node.kill());
        }
        servers.kill(name);
        clock.rest();
    }

    /** The servers of kits on the nodes. */
    ServersByNode servers() {
        return servers;
    }

    /**
     * Starts a new incarnation of a node, without the state of the former; a running one is killed first. May advance the
     * clock.
     *
     * @param name its name
     * @return the node
     */
    public Node restart(String name) {
        Objects.requireNonNull(name, "name");
        NodeIncarnation before = nodes.find(name);
        if (before.exists()) {
            crash(name);
        }
        Node node = nodes.start(name, before.port());
        clock.rest();
        return node;
    }

    /**
     * Creates a generator of faults.
     *
     * @param seed the seed; the same seed gives the same faults
     * @return the generator
     */
    public Chaos chaos(long seed) {
        return new Chaos(this, seed);
    }

    /** Whether a node can be paused; for {@link Chaos}. */
    boolean runs(String name) {
        return nodes.find(name).runs();
    }

    boolean exists(String name) {
        return nodes.find(name).exists();
    }

    /** The state of the cluster, for people: the clock, the nodes, their views, and the faults of the network. */
    @Override
    public String toString() {
        return "clock: " + elapsed() + "\n" + views + faults + nodes;
    }

    /**
     * Heals the network and closes all open nodes together. Advances the clock. Further calls have no effect.
     *
     * @throws AssertionError if that takes more than 20 s of real time
     */
    @Override
    public void close() {
        Optional<List<NodeIncarnation>> open = nodes.close();
        if (open.isEmpty()) {
            return;
        }
        List<CompletableFuture<?>> ends = new ArrayList<>(killed);
        views.faults(faults::heal);
        for (NodeIncarnation incarnation : open.get()) {
            if (!incarnation.runs()) {
                incarnation.time().resume();
                views.resume(incarnation);
            }
            WiredNode node = incarnation.node();
            if (node != null) {
                ends.add(async(() -> {
                    node.close();
                    return true;
                }));
            }
        }
        long deadline = threads.nanoTime() + PATIENCE;
        clock.rest();
        while (!ends.stream().allMatch(CompletableFuture::isDone)) {
            if (threads.nanoTime() - deadline > 0) {
                throw new AssertionError("The nodes do not end.\n" + this);
            }
            clock.step();
        }
        own.close();
    }

    /** Builds a cluster. Not thread-safe. */
    public static final class Builder {
        private final Set<String> nodes = new LinkedHashSet<>();
        private long seed = 1;
        private Consumer<? super Node.Builder> configure = builder -> {};
        private Duration silence = Duration.ofSeconds(4);
        private Duration verify = Duration.ofSeconds(7);
        private Duration merge = Duration.ofSeconds(5);
        private Duration patience = Duration.ofSeconds(10);
        private int capacity = SessionLink.CAPACITY;
        private int maxTopics = Wiring.MAX_TOPICS;

        private Builder() {}

        /**
         * Adds nodes that start with the cluster.
         *
         * @param names {@code app@host} each, in the order of the view
         * @return this
         * @throws IllegalArgumentException if a name is given twice
         */
        public Builder nodes(String... names) {
            Objects.requireNonNull(names, "names");
            for (String name : names) {
                if (!nodes.add(name)) {
                    throw new IllegalArgumentException("Node " + name + " is given twice.");
                }
            }
            return this;
        }

        /**
         * Sets the seed of incarnations.
         *
         * @param seed 1 by default
         * @return this
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Configures each node before its start, such as its codecs, conflict resolver or message size. Its address, seeds, cookie
         * and directory have no effect.
         *
         * @param configure receives the builder of each node at each start
         * @return this
         */
        public Builder configure(Consumer<? super Node.Builder> configure) {
            Objects.requireNonNull(configure, "configure");
            this.configure = configure;
            return this;
        }

        /**
         * Sets the time without contact after which a member is suspected.
         *
         * @param silence 4 s by default
         * @return this
         */
        public Builder silence(Duration silence) {
            Objects.requireNonNull(silence, "silence");
            this.silence = positive("silence", silence);
            return this;
        }

        /**
         * Sets the time between suspicion and exclusion.
         *
         * @param verify 7 s by default
         * @return this
         */
        public Builder verify(Duration verify) {
            Objects.requireNonNull(verify, "verify");
            this.verify = positive("verify", verify);
            return this;
        }

        /**
         * Sets the time after which parts that reach each other merge.
         *
         * @param merge 5 s by default
         * @return this
         */
        public Builder merge(Duration merge) {
            Objects.requireNonNull(merge, "merge");
            this.merge = positive("merge", merge);
            return this;
        }

        /**
         * Sets the real time that {@link ClusterKit#await} waits.
         *
         * @param patience 10 s by default
         * @return this
         */
        public Builder patience(Duration patience) {
            Objects.requireNonNull(patience, "patience");
            this.patience = positive("patience", patience);
            return this;
        }

        /** Sets the bytes that may wait for each peer of a node, 4 MiB by default. A few are soon full while a path is held. */
        Builder capacity(int bytes) {
            this.capacity = bytes;
            return this;
        }

        /** Sets the topics that a node lists by name, 100 000 by default. It gets the messages of the others by their hashes. */
        Builder maxTopics(int topics) {
            this.maxTopics = topics;
            return this;
        }

        private static Duration positive(String what, Duration time) {
            if (!time.isPositive()) {
                throw new IllegalArgumentException("The time of " + what + " is more than 0, not " + time + ".");
            }
            return time;
        }

        /**
         * Starts the cluster. The calling thread counts as that of the test.
         *
         * @return the cluster, all nodes members of one view
         * @throws IllegalArgumentException if it has no nodes
         * @throws io.heliodor.node.StartException if a node has no good name
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

    /** Starts the simulation before the first node, whose start may advance the clock: no silence is older than a fault. */
    private void begin() {
        var _ = own.every(TICK, views::tick);
    }
}
