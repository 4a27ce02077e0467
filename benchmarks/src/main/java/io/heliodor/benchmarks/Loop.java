package io.heliodor.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of the generator: one thread, one selector, one input and one output buffer.
 *
 * <p>It allocates nothing for a message. Only the calling thread uses its connections, scenario and times.
 */
final class Loop implements AutoCloseable {
    /** Ports of one source address that are used before the next address is taken. */
    private static final int PORTS_PER_ADDRESS = 25_000;

    private static final int MAX_PENDING_JOINS = 256;

    /** A message that is longer ends the run: the state of 100 000 presences has 9 MB. */
    private static final int MIN_INCOMING = 16 << 20;

    private static final long MILLI = 1_000_000;

    private final long origin = System.nanoTime();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Selector selector = Selector.open();
    private final MessageHead head = new MessageHead();
    private final Failures failures = new Failures();
    private final Failures stalledEndings = new Failures();
    private final List<Connection> connections = new ArrayList<>();
    private final Plan plan;
    private final List<Door> doors;
    private final Scenario scenario;
    private final ByteBuffer incoming;
    private final FrameWriter writer;

    private int started;
    private int pending;
    private int joined;
    private int open;
    private long heartbeatsSent;
    private long heartbeatsAnswered;
    private long spun;
    private long stamp;
    private long reads;
    private boolean finishing;

    /** The address and source ports of one target. */
    private record Door(InetSocketAddress address, Handshake handshake, Handshake intercepting) {
        static Door of(Target target) throws UnknownHostException {
            InetSocketAddress address = new InetSocketAddress(target.host(), target.port());
            if (address.isUnresolved()) {
                throw new UnknownHostException("unknown host: " + target.host());
            }
            return new Door(address, new Handshake(target), new Handshake(target.at("/intercepting")));
        }
    }

    /** Assigns the members of each topic to the targets in turn. */
    Loop(List<Target> targets, Plan plan, Scenario scenario) throws IOException {
        this.plan = plan;
        this.scenario = scenario;
        doors = new ArrayList<>();
        for (Target target : targets) {
            doors.add(Door.of(target));
        }
        incoming = ByteBuffer.allocateDirect(Math.max(MIN_INCOMING, 4 * plan.payload() + 64 * 1024));
        writer = new FrameWriter(Push.maxLength(plan.payload()));
    }

    /** Nanoseconds since this loop was made. */
    long now() {
        return System.nanoTime() - origin;
    }

    /** Turns until a time or until {@code done}, with the given tasks. */
    void run(long until, BooleanSupplier done, Periodic... tasks) throws IOException {
        while (!done.getAsBoolean()) {
            long now = now();
            if (now >= until) {
                return;
            }
            long wake = until;
            for (Periodic task : tasks) {
                wake = Math.min(wake, task.tick(now));
            }
            turn(now, wake);
        }
    }

    /** Waits for bytes. The selector counts in milliseconds, so the last one before a wake-up is spun. */
    private void turn(long now, long wake) throws IOException {
        long wait = wake - now;
        if (wait >= MILLI) {
            selector.select(Loop::ready, wait / MILLI);
            return;
        }
        long used = threads.getCurrentThreadCpuTime();
        if (selector.selectNow(Loop::ready) == 0) {
            spun += threads.getCurrentThreadCpuTime() - used;
        }
    }

    private static void ready(SelectionKey key) {
        ((Connection) key.attachment()).ready();
    }

    /** Opens connections at the rate of the plan at most, with a limited number of concurrent joins. */
    long ramp(long now, long since) {
        while (started < plan.connections() && pending < MAX_PENDING_JOINS) {
            long due = since + (long) (started * 1e9 / plan.ramp());
            if (due > now) {
                return due;
            }
            open(started++);
        }
        return Periodic.LATER;
    }

    private void open(int index) {
        Connection connection = connect(index);
        if (connection != null) {
            connections.add(connection);
        }
    }

    /** Connects a client anew whose connection has ended. */
    void reopen(int index) {
        Connection connection = connect(index);
        if (connection != null) {
            connections.set(index, connection);
        }
    }

    private @Nullable Connection connect(int index) {
        try {
            boolean stalls = index >= plan.connections() - plan.stalled();
            byte[] source = {127, 0, 0, (byte) (2 + index / PORTS_PER_ADDRESS)};
            InetSocketAddress address = door(index).address();
            boolean spread = plan.connections() > PORTS_PER_ADDRESS
                    && address.getAddress().isLoopbackAddress();
            Connection connection =
                    new Connection(this, index, stalls, address, spread ? InetAddress.getByAddress(source) : null);
            pending++;
            open++;
            return connection;
        } catch (IOException e) {
            failures.count(Connection.reason(e));
            return null;
        }
    }

    boolean rampDone() {
        return started == plan.connections() && pending == 0;
    }

    void joined(Connection connection) {
        pending--;
        joined++;
        scenario.joined(connection);
    }

    void lost(Connection connection, String reason, boolean hadJoined) {
        open--;
        if (!hadJoined) {
            pending--;
        }
        if (finishing) {
            return;
        }
        if (!connection.leaving()) {
            (connection.stalls() && hadJoined ? stalledEndings : failures).count(reason);
        }
        if (hadJoined) {
            scenario.closed(connection, now());
        }
    }

    /** Heartbeats, spread evenly over the connections that read: of those that joined first, one interval after the start. */
    Periodic heartbeats(long start) {
        long gap = Math.max(1, plan.heartbeat().toNanos() / plan.connections());
        return new Periodic() {
            private long next = start + plan.heartbeat().toNanos();
            private int turn;

            @Override
            public long tick(long now) {
                for (; next <= now; next += gap) {
                    if (turn < connections.size()) {
                        sendHeartbeat(connections.get(turn));
                    }
                    turn = (turn + 1) % plan.connections();
                }
                return next;
            }
        };
    }

    private void sendHeartbeat(Connection connection) {
        if (connection.joined() && !connection.stalls() && connection.writable()) {
            connection.sendHeartbeat();
            heartbeatsSent++;
        }
    }

    /** Resumes stalled clients, to detect how their connections ended. */
    void resumeStalled() {
        connections.stream().filter(Connection::stalls).forEach(Connection::resume);
    }

    boolean stalledAllClosed() {
        return connections.stream().noneMatch(c -> c.stalls() && c.open());
    }

    /** Closes all connections in order; errors no longer count as failures. */
    void finish(long patience) throws IOException {
        finishing = true;
        for (Connection connection : connections) {
            connection.finish();
        }
        run(now() + patience, () -> open == 0);
    }

    @Override
    public void close() throws IOException {
        finishing = true;
        connections.forEach(Connection::close);
        selector.close();
    }

    void heartbeatAnswered() {
        heartbeatsAnswered++;
    }

    /** Takes the time at which bytes were read, for all messages in them. */
    void stamp() {
        reads++;
        stamp = now();
    }

    long stamped() {
        return stamp;
    }

    Selector selector() {
        return selector;
    }

    private Door door(int connection) {
        return doors.get(connection / plan.topics() % doors.size());
    }

    Handshake handshake(int connection) {
        Door door = door(connection);
        return scenario.intercepts(connection) ? door.intercepting() : door.handshake();
    }

    Scenario scenario() {
        return scenario;
    }

    ByteBuffer incoming() {
        return incoming;
    }

    FrameWriter writer() {
        return writer;
    }

    MessageHead head() {
        return head;
    }

    Failures failures() {
        return failures;
    }

    Failures stalledEndings() {
        return stalledEndings;
    }

    int joinedSoFar() {
        return joined;
    }

    int openNow() {
        return open;
    }

    long heartbeatsSent() {
        return heartbeatsSent;
    }

    long heartbeatsAnswered() {
        return heartbeatsAnswered;
    }

    long reads() {
        return reads;
    }

    List<Connection> connections() {
        return connections;
    }

    /** CPU time of this thread without that of turns that found nothing to do. */
    long busyNanos() {
        return threads.getCurrentThreadCpuTime() - spun;
    }
}
