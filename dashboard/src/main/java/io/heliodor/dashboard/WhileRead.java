package io.heliodor.dashboard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Subscriptions that exist while something is read: from the first reading until ten seconds after the last one. Without readings there is
 * no thread. Any thread may use it.
 *
 * @param <S> the type of the sources
 */
final class WhileRead<S> {
    private static final long IDLE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final Duration CHECK = Duration.ofSeconds(1);

    private final Supplier<List<S>> sources;
    private final Function<S, Subscription> opening;
    private final Runnable ended;
    private final LongSupplier clock;

    /** Empty while nothing is read. */
    @GuardedBy("this")
    private final Map<S, Subscription> open = new HashMap<>();

    @GuardedBy("this")
    private boolean running;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private long lastRead;

    /**
     * No subscriptions.
     *
     * @param sources the present sources, each with a subscription
     * @param opening subscribes to one
     * @param ended called after the end of the subscriptions
     * @param clock monotonic, in nanoseconds
     */
    WhileRead(Supplier<List<S>> sources, Function<S, Subscription> opening, Runnable ended, LongSupplier clock) {
        this.sources = sources;
        this.opening = opening;
        this.ended = ended;
        this.clock = clock;
    }

    /** Subscribes to the sources that are new, and keeps the subscriptions for ten seconds more. */
    synchronized void read() {
        if (closed) {
            return;
        }
        lastRead = clock.getAsLong();
        if (!running) {
            running = true;
            Thread.ofVirtual().name("heliodor-dashboard-reading").start(this::awaitEnd);
        }
        List<S> present = sources.get();
        open.entrySet().removeIf(each -> {
            boolean gone = !present.contains(each.getKey());
            if (gone) {
                each.getValue().close();
            }
            return gone;
        });
        for (S source : present) {
            if (!open.containsKey(source)) {
                open.put(source, opening.apply(source));
            }
        }
    }

    private void awaitEnd() {
        try {
            do {
                Thread.sleep(CHECK);
            } while (!endIfIdle());
        } catch (InterruptedException e) {
            end();
        }
    }

    private synchronized boolean endIfIdle() {
        if (clock.getAsLong() - lastRead < IDLE_NANOS && running) {
            return false;
        }
        end();
        return true;
    }

    private synchronized void end() {
        if (running) {
            running = false;
            open.values().forEach(Subscription::close);
            open.clear();
            ended.run();
        }
    }

    /** Closes the subscriptions for good. */
    synchronized void close() {
        closed = true;
        end();
    }
}
