package io.heliodor.transport;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what one loop serves, a few at a time, so that the clients do not come back all at once. A loop that stumbles
 * closes later, never more at once: the next few go a step after the last few went.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a loop that ends takes the rest with it
final class Drain<T> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** As many close at once without a herd that comes back. */
    static final int CLOSED_AT_ONCE = 100;

    static final long STEP_MILLIS = 50;

    private final EventExecutor loop;
    private final Queue<T> open;
    private final int many;
    private final Predicate<T> isClosed;
    private final Consumer<T> close;
    private final Runnable done;

    /**
     * @param open what the loop serves; taken from its head
     * @param all how many all loops serve
     * @param isClosed whether one has been closed in the meantime; such ones are skipped
     * @param close closes one, on the loop
     * @param done told once, when all are closed
     */
    Drain(
            EventExecutor loop,
            Queue<T> open,
            long all,
            Duration window,
            Predicate<T> isClosed,
            Consumer<T> close,
            Runnable done) {
        this.loop = loop;
        this.open = open;
        long steps = all <= CLOSED_AT_ONCE ? 1 : Math.max(1, window.toMillis() / STEP_MILLIS);
        this.many = (int) Math.ceilDiv(open.size(), steps);
        this.isClosed = isClosed;
        this.close = close;
        this.done = done;
    }

    /** Closes the first few, and plans the others. On the loop. */
    void step() {
        for (int i = 0; i < many && skipClosed(); i++) {
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
            done.run();
        }
    }

    /** Drops what was closed in the meantime from the head of the queue; returns whether one is left. */
    private boolean skipClosed() {
        while (!open.isEmpty() && isClosed.test(open.element())) {
            open.remove();
        }
        return !open.isEmpty();
    }
}
