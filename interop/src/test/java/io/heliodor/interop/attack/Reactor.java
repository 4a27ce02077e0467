package io.heliodor.interop.attack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One thread that serves many non-blocking connections, tasks and timers. */
final class Reactor implements AutoCloseable {
    private static final int READ_BYTES = 256 << 10;
    private static final Duration REFILL_AT_LEAST = Duration.ofMillis(1);
    private static final Duration MAX_REFILL = Duration.ofMillis(20);

    private final Selector selector = Selector.open();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    private final long bytesPerSecond;
    private final Queue<Connection> outOfBudget = new ArrayDeque<>();
    private long budget;
    private long refilled = System.nanoTime();
    private long timersMade;
    private volatile boolean closed;

    private record Timer(long nanos, long number, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(nanos - other.nanos, 0);
            return byTime == 0 ? Long.compare(number, other.number) : byTime;
        }
    }

    /**
     * Starts a reactor.
     *
     * @param bytesPerSecond that its connections may write together
     */
    Reactor(String name, long bytesPerSecond) throws IOException {
        this.bytesPerSecond = bytesPerSecond;
        Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    /** Runs a task on the thread of this reactor. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Computes a value on the thread of this reactor. Called on another thread. */
    <T> T get(Supplier<T> supplier) {
        return CompletableFuture.supplyAsync(supplier, this::execute).join();
    }

    /** Runs a task on this thread after a time. Called on this thread. */
    void after(Duration time, Runnable task) {
        timers.add(new Timer(System.nanoTime() + time.toNanos(), timersMade++, task));
    }

    /** Registers a channel for its connection. Called on this thread. */
    SelectionKey register(SocketChannel channel, Connection connection) throws ClosedChannelException {
        return channel.register(selector, SelectionKey.OP_CONNECT, connection);
    }

    /** Whether a connection may write now; if not, it is resumed later. */
    boolean mayWrite(Connection connection) {
        if (budget <= 0) {
            outOfBudget.add(connection);
        }
        return budget > 0;
    }

    /** Records written bytes. */
    void written(long bytes) {
        budget -= bytes;
    }

    private void refill() {
        long now = System.nanoTime();
        long missed = Math.min(now - refilled, MAX_REFILL.toNanos());
        if (missed < REFILL_AT_LEAST.toNanos()) {
            return;
        }
        refilled = now;
        budget = bytesPerSecond / TimeUnit.SECONDS.toMicros(1) * TimeUnit.NANOSECONDS.toMicros(missed);
        for (int waiting = outOfBudget.size(); waiting > 0 && budget > 0; waiting--) {
            outOfBudget.remove().resume();
        }
    }

    /** Exceptions that tasks and listeners threw: faults of the test. */
    Queue<Throwable> failures() {
        return failures;
    }

    private void run() {
        try (selector) {
            while (!closed) {
                selector.select(millisToNextTimer());
                selector.selectedKeys().forEach(this::serve);
                selector.selectedKeys().clear();
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    guarded(task);
                }
                runTimers();
                refill();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException e) {
            failures.add(e);
        }
    }

    private void serve(SelectionKey key) {
        if (key.isValid()) {
            guarded(() -> ((Connection) key.attachment()).ready(buffer));
        }
    }

    private void runTimers() {
        long now = System.nanoTime();
        for (Timer next = timers.peek(); next != null && next.nanos - now <= 0; next = timers.peek()) {
            timers.poll();
            guarded(next.task);
        }
    }

    /** Not 0, which means no limit: a timer may be due within the millisecond. */
    private long millisToNextTimer() {
        Timer next = timers.peek();
        return next == null || !outOfBudget.isEmpty()
                ? REFILL_AT_LEAST.toMillis()
                : Math.max(1, TimeUnit.NANOSECONDS.toMillis(next.nanos - System.nanoTime()));
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    /** Closes all connections. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
    }
}
