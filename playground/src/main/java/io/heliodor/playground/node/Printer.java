package io.heliodor.playground.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Prints whole lines in order on a thread of its own, so that the source of an event does not wait for the reader of the
 * output. Thread-safe.
 */
final class Printer {
    /** The maximum of waiting events; further ones are dropped and counted. Replies wait for room. */
    static final int MAX_LINES = 65_536;

    private final Object lock = new Object();

    @GuardedBy("lock")
    private final Deque<ObjectNode> lines = new ArrayDeque<>();

    private final OutputStream out;
    private final Function<ObjectNode, String> format;

    @GuardedBy("lock")
    private @Nullable Thread writer;

    @GuardedBy("lock")
    private long dropped;

    @GuardedBy("lock")
    private boolean closed;

    Printer(OutputStream out, Function<ObjectNode, String> format) {
        this.out = out;
        this.format = format;
    }

    /** Prints the first line, then earlier events, then further lines. */
    void start(ObjectNode first) {
        synchronized (lock) {
            lines.addFirst(first);
            writer = Thread.ofPlatform().daemon().name("shell-output").start(this::write);
        }
    }

    void event(ObjectNode line) {
        synchronized (lock) {
            if (lines.size() >= MAX_LINES) {
                dropped++;
            } else if (!closed) {
                lines.addLast(line);
                lock.notifyAll();
            }
        }
    }

    void answer(ObjectNode line) throws InterruptedException {
        synchronized (lock) {
            while (lines.size() >= MAX_LINES && !closed) {
                lock.wait();
            }
            lines.addLast(line);
            lock.notifyAll();
        }
    }

    /** The number of dropped events. */
    long dropped() {
        synchronized (lock) {
            return dropped;
        }
    }

    /** Prints the waiting lines; later ones are discarded. */
    void close(long millis) throws InterruptedException {
        Thread last;
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
            last = writer;
        }
        if (last != null) {
            last.join(millis);
        }
    }

    private void write() {
        try {
            while (true) {
                ObjectNode line;
                boolean more;
                synchronized (lock) {
                    while (lines.isEmpty()) {
                        if (closed) {
                            return;
                        }
                        lock.wait();
                    }
                    line = lines.removeFirst();
                    more = !lines.isEmpty();
                    lock.notifyAll();
                }
                out.write((format.apply(line) + "\n").getBytes(StandardCharsets.UTF_8));
                if (!more) {
                    out.flush();
                }
            }
        } catch (IOException | InterruptedException e) {
            // The output is closed. The shell ends with its input.
            synchronized (lock) {
                closed = true;
                lines.clear();
                lock.notifyAll();
            }
        }
    }
}
