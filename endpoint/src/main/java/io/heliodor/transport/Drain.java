package io.heliodor.transport;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the connections of one loop in steps, so that the clients do not reconnect all at once, then waits for their leave hooks.
 * A delayed loop closes them later, never more at once: each step is scheduled after the last one.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a loop that ends takes the rest with it
final class Drain<T> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** So few reconnects at once are harmless. */
    static final int CLOSED_AT_ONCE = 100;

    static final long STEP_MILLIS = 50;

    /** The time for handlers and leave hooks after the last close. A process of OTP has it for its shutdown. */
    static final Duration HOOK_TIMEOUT = Duration.ofSeconds(5);

    private final EventExecutor loop;
    private final Queue<T> open;
    private final int stepSize;
    private final Predicate<T> isClosed;
    private final Consumer<T> close;
    private final BooleanSupplier hooksRun;
    private final Runnable done;
    private boolean hooksTimedOut;

    /**
     * A drain of one loop.
     *
     * @param open the connections of the loop; taken from the head
     * @param all the number of connections of all loops
     * @param isClosed whether a connection was closed in the meantime; it is skipped then
     * @param close closes a connection, on the loop
     * @param hooksRun whether handlers or leave hooks of closed channels of the loop still run
     * @param done runs once, when all are closed, and their hooks have returned or used up their time
     */
    Drain(
            EventExecutor loop,
            Queue<T> open,
            long all,
            Duration window,
            Predicate<T> isClosed,
            Consumer<T> close,
            BooleanSupplier hooksRun,
            Runnable done) {
        this.loop = loop;
        this.open = open;
        long steps = all <= CLOSED_AT_ONCE ? 1 : Math.max(1, window.toMillis() / STEP_MILLIS);
        this.stepSize = (int) Math.ceilDiv(open.size(), steps);
        this.isClosed = isClosed;
        this.close = close;
        this.hooksRun = hooksRun;
        this.done = done;
    }

    /** Closes the next connections, and schedules a step for the others. On the loop. */
    void step() {
        for (int i = 0; i < stepSize && skipClosed(); i++) {
            T next = open.remove();
            try {
                close.accept(next);
            } catch (Throwable e) {
                LOG.error("A connection could not be closed for the drain; the others are.", e);
            }
        }
        if (skipClosed()) {
            loop.schedule(this::step, STEP_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            if (hooksRun.getAsBoolean()) {
                loop.schedule(() -> hooksTimedOut = true, HOOK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            }
            awaitHooks();
        }
    }

    private void awaitHooks() {
        boolean running = hooksRun.getAsBoolean();
        if (running && !hooksTimedOut) {
            loop.schedule(this::awaitHooks, STEP_MILLIS, TimeUnit.MILLISECONDS);
            return;
        }
        if (running) {
            LOG.warn(
                    "Handlers or leave hooks still run {} s after the last close; the drain does not wait longer.",
                    HOOK_TIMEOUT.toSeconds());
        }
        done.run();
    }

    /** Removes closed connections from the head of the queue; returns whether one is left. */
    private boolean skipClosed() {
        while (!open.isEmpty() && isClosed.test(open.element())) {
            open.remove();
        }
        return !open.isEmpty();
    }
}
