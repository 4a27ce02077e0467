package io.heliodor.playground.node;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Prints lines whole and one after the other, on a thread of its own: whoever tells of an event never waits for a reader.
 * Thread-safe.
 */
final class Printer {
    /** More events are dropped and counted. Answers wait for room. */
    static final int MOST = 65_536;

    private final Object lock = new Object();
    private final Deque<ObjectNode> lines = new ArrayDeque<>();
    private final OutputStream out;
    private final Function<ObjectNode, String> format;
    private @Nullable Thread writer;
    private long dropped;
    private boolean closed;

    Printer(OutputStream out, Function<ObjectNode, String> format) {
        this.out = out;
        this.format = format;
    }

    /** Prints the first line, then what was told before it, then what comes. */
    void start(ObjectNode first) {
        synchronized (lock) {
            lines.addFirst(first);
            writer = Thread.ofPlatform().daemon().name("shell-output").start(this::write);
        }
    }

    void event(ObjectNode line) {
        synchronized (lock) {
            if (lines.size() >= MOST) {
                dropped++;
            } else if (!closed) {
                lines.addLast(line);
                lock.notifyAll();
            }
        }
    }

    void answer(ObjectNode line) throws InterruptedException {
        synchronized (lock) {
            while (lines.size() >= MOST && !closed) {
                lock.wait();
            }
            lines.addLast(line);
            lock.notifyAll();
        }
    }

    /** How many events nobody has seen. */
    long dropped() {
        synchronized (lock) {
            return dropped;
        }
    }

    /** Prints what waits; what comes later is lost. */
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
            // Nobody reads any more. The shell ends with its input.
            synchronized (lock) {
                closed = true;
                lines.clear();
                lock.notifyAll();
            }
        }
    }
}
