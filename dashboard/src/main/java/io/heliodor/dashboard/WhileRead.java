package io.heliodor.dashboard;

import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Subscriptions that exist while something is read: from the first reading until ten seconds after the last one. Without readings there is
 * no thread. Any thread may use it.
 */
final class WhileRead {
    private static final long IDLE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final Duration CHECK = Duration.ofSeconds(1);

    private final Supplier<List<Subscription>> opening;
    private final Runnable ended;
    private final LongSupplier clock;

    /** Empty while nothing is read. Guarded by this. */
    private List<Subscription> open = List.of();

    private boolean running;
    private long lastRead;

    /**
     * No subscriptions.
     *
     * @param opening opens them
     * @param ended called after their end
     * @param clock monotonic, in nanoseconds
     */
    WhileRead(Supplier<List<Subscription>> opening, Runnable ended, LongSupplier clock) {
        this.opening = opening;
        this.ended = ended;
        this.clock = clock;
    }

    /** Opens the subscriptions, unless they are open, and keeps them for ten seconds more. */
    synchronized void read() {
        lastRead = clock.getAsLong();
        if (!running) {
            open = opening.get();
            running = true;
            Thread.ofVirtual().name("heliodor-dashboard-reading").start(this::awaitEnd);
        }
    }

    private void awaitEnd() {
        try {
            do {
                Thread.sleep(CHECK);
            } while (!endIfIdle());
        } catch (InterruptedException e) {
            close();
        }
    }

    private synchronized boolean endIfIdle() {
        if (clock.getAsLong() - lastRead < IDLE_NANOS && running) {
            return false;
        }
        close();
        return true;
    }

    /** Closes the subscriptions; a later reading opens them again. */
    synchronized void close() {
        if (running) {
            running = false;
            open.forEach(Subscription::close);
            open = List.of();
            ended.run();
        }
    }
}
