package io.heliodor.transport;

import io.heliodor.type.text.EscapedException;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains the connections of one loop in steps, so that the clients do not reconnect all at once, then waits until their messages
 * are handled and replied, they are closed, and their leave hooks have run. A delayed loop drains them later, never more at
 * once: each step is scheduled after the last one.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a loop that ends takes the rest with it
final class Drain<T> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** So few reconnects at once are harmless. */
    static final int DRAINED_AT_ONCE = 100;

    static final long STEP_MILLIS = 50;

    private final EventExecutor loop;
    private final Queue<T> open;
    private final int stepSize;
    private final Predicate<T> isClosed;
    private final Consumer<T> drain;
    private final Consumer<T> forceClose;
    private final BooleanSupplier hooksRun;
    private final Runnable done;
    private final Duration timeout;
    private boolean timedOut;

    /** The connections whose turn has come. Closed ones are removed from its head. */
    private final Queue<T> draining = new ArrayDeque<>();

    /**
     * A drain of one loop.
     *
     * @param open the connections of the loop; taken from the head
     * @param all the number of connections of all loops
     * @param window the time over which their turns are spread
     * @param timeout the time for messages that were read, their deferred replies, and leave hooks, after the last turn
     * @param isClosed whether a connection is closed; it is skipped then
     * @param drain has a connection closed when its messages are handled, on the loop
     * @param forceClose ends a connection whose messages are not handled in time, also one that is closed already, on the loop
     * @param hooksRun whether handlers or leave hooks of closed channels of the loop still run
     * @param done runs once, when all are closed, and their hooks have returned or used up their time
     */
    Drain(
            EventExecutor loop,
            Queue<T> open,
            long all,
            Duration window,
            Duration timeout,
            Predicate<T> isClosed,
            Consumer<T> drain,
            Consumer<T> forceClose,
            BooleanSupplier hooksRun,
            Runnable done) {
        this.loop = loop;
        this.open = open;
        long steps = all <= DRAINED_AT_ONCE ? 1 : Math.max(1, window.toMillis() / STEP_MILLIS);
        this.stepSize = (int) Math.ceilDiv(open.size(), steps);
        this.isClosed = isClosed;
        this.drain = drain;
        this.forceClose = forceClose;
        this.hooksRun = hooksRun;
        this.done = done;
        this.timeout = timeout;
    }

    /** Drains the next connections, and schedules a step for the others. On the loop. */
    void step() {
        for (int i = 0; i < stepSize && skipClosed(open); i++) {
            T next = open.remove();
            each(drain, next);
            draining.add(next);
        }
        if (skipClosed(open)) {
            loop.schedule(this::step, STEP_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            if (isBusy()) {
                loop.schedule(() -> timedOut = true, timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
            awaitEnd();
        }
    }

    private static <T> void each(Consumer<T> action, T connection) {
        try {
            action.accept(connection);
        } catch (Throwable e) {
            LOG.error("A connection could not be closed for the drain; the others are.", EscapedException.of(e));
        }
    }

    private boolean isBusy() {
        return skipClosed(draining) || hooksRun.getAsBoolean();
    }

    private void awaitEnd() {
        boolean busy = isBusy();
        if (busy && !timedOut) {
            loop.schedule(this::awaitEnd, STEP_MILLIS, TimeUnit.MILLISECONDS);
            return;
        }
        draining.forEach(connection -> each(forceClose, connection));
        if (busy) {
            LOG.warn(
                    "Handlers or leave hooks still run {} s after the last turn of the drain, or deferred replies are due; it"
                            + " does not wait longer.",
                    timeout.toSeconds());
        }
        done.run();
    }

    /** Removes closed connections from the head of a queue; returns whether one is left. */
    private boolean skipClosed(Queue<T> connections) {
        while (!connections.isEmpty() && isClosed.test(connections.element())) {
            connections.remove();
        }
        return !connections.isEmpty();
    }
}
