package io.heliodor.session.lane;

import io.heliodor.log.FailureLog;
import io.heliodor.session.telemetry.LaneTraffic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the short handlers of a lane on its loop, in its turns, and sends those that stay too long back to the pool. Only the loop
 * calls it, except for the figures at its end.
 */
final class LoopScheduler {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");

    /** How long handlers run on the loop in one turn: threads of the pool run the rest at the same time. */
    private static final long MAX_STAYS_PER_TURN_NANOS = 500_000;

    private final LaneTraffic traffic;
    private final LoopHandlers handlers;
    private final StolenTime stolen;
    private final FailureLog failures;

    /** The batches that have begun. Only the loop writes it. */
    private final AtomicLong begun = new AtomicLong();

    private volatile @Nullable LoopBatch current;

    /** Whether handlers have run in this turn. */
    private boolean ran;

    LoopScheduler(LaneTraffic traffic, LoopHandlers handlers) {
        this.traffic = traffic;
        this.handlers = handlers;
        this.failures = new FailureLog(LOG, handlers.clock());
        this.stolen = new StolenTime(handlers.stolen(), handlers.clock());
    }

    /** Runs channels for as long as a turn has time. Returns those that are left, for a thread of the pool. */
    List<LoopTask> run(List<LoopTask> channels) {
        ran = true;
        AtomicInteger next = new AtomicInteger();
        try {
            long deadline = now() + MAX_STAYS_PER_TURN_NANOS;
            do {
                LoopBatch batch = new LoopBatch(this, channels, next, deadline);
                begun.setOpaque(begun.getPlain() + 1);
                current = batch;
                batch.run(handlers.threads());
            } while (next.get() < channels.size() && now() - deadline < 0);
        } catch (Throwable e) {
            failures.error("Handlers", e, () -> "could not run on their event loop; threads of the pool run them.");
        } finally {
            current = null;
        }
        List<LoopTask> left = new ArrayList<>();
        for (int i = next.getAndIncrement(); i < channels.size(); i = next.getAndIncrement()) {
            left.add(channels.get(i));
        }
        return left;
    }

    /** Ends a turn, after its messages are written: it takes as long as a message. */
    void endTurn() {
        if (ran) {
            ran = false;
            stolen.forget();
        }
    }

    /** The present time, monotonic, in nanoseconds. */
    long now() {
        return handlers.clock().getAsLong();
    }

    /** A handler has stayed on the loop until it returned or blocked. */
    void stayed(Promotion handler, long nanos, LoopBatch batch) {
        if (nanos <= Promotion.LONG_STAY_NANOS) {
            return;
        }
        try {
            if (nanos - stolen.sinceLast() <= Promotion.LONG_STAY_NANOS || !handler.goBack(now())) {
                return;
            }
            traffic.stayedLong();
            LOG.debug(
                    "{} held its event loop for {} us, and runs on threads of the pool.",
                    batch.running(),
                    nanos / 1_000);
        } catch (Throwable e) {
            // A log that fails, or no memory: the channel goes on.
            if (handler.goBack(0)) {
                traffic.stayedLong();
            }
        }
    }

    /** Starts a thread of the pool. Any thread. */
    void startInPool(Runnable channel) {
        handlers.threads().startInPool(channel);
    }

    /** The number of batches that have begun. Any thread. */
    long begun() {
        return begun.getOpaque();
    }

    /** The batch that runs; null if none does. Any thread. */
    @Nullable
    LoopBatch current() {
        return current;
    }
}
