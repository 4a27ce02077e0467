package io.heliodor.session.lane;

import io.heliodor.log.BoundedLog;
import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the handlers that hold an event loop for long, with their stacks: the loop itself cannot while they hold it. It has a thread
 * that looks at all lanes often while handlers run on them, and once a second while none do.
 */
public final class LoopWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");
    private static final Duration BUSY = Duration.ofMillis(20);
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final List<LoopScheduler> schedulers;
    private final LongSupplier clock;
    private final BoundedLog holding;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("heliodor-loop-watch").unstarted(this::run);

    // Of its thread.

    /** The batches that the last look found. */
    private final Map<LoopScheduler, LoopBatch> found = new HashMap<>();

    /** The batches that had begun by then. */
    private long begun;

    /**
     * A watch that has not begun.
     *
     * @param lanes the lanes of a server
     * @param clock monotonic, in nanoseconds
     */
    public LoopWatch(Collection<Lane> lanes, LongSupplier clock) {
        this.schedulers = lanes.stream().flatMap(lane -> lane.onLoop().stream()).toList();
        this.clock = clock;
        this.holding = new BoundedLog(LOG, "handlers that hold an event loop", clock);
    }

    /** Begins to look. */
    public void start() {
        thread.start();
    }

    private void run() {
        Duration pause = IDLE;
        while (true) {
            long begin = clock.getAsLong();
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return; // closed
            }
            try {
                if (clock.getAsLong() - begin > 2 * pause.toNanos()) {
                    // The process or its machine was paused, and so was each handler.
                    found.clear();
                }
                pause = look() ? BUSY : IDLE;
            } catch (Throwable e) {
                LOG.error("The handlers on event loops were not watched for {}.", pause, EscapedException.of(e));
            }
        }
    }

    /** Looks at each lane. Returns whether a handler has run on a loop since the look before. */
    boolean look() {
        long before = begun;
        begun = 0;
        for (LoopScheduler scheduler : schedulers) {
            begun += scheduler.begun();
            LoopBatch batch = scheduler.current();
            if (batch == null) {
                found.remove(scheduler);
            } else if (found.put(scheduler, batch) == batch) {
                log(batch);
            }
        }
        return begun != before || !found.isEmpty();
    }

    private void log(LoopBatch batch) {
        if (batch.wasLogged()) {
            return;
        }
        StringBuilder stack = new StringBuilder();
        for (StackTraceElement frame : batch.stack()) {
            stack.append("\n\tat ").append(frame);
        }
        String handler = batch.running();
        if (!handler.isEmpty()) {
            holding.warn(
                    "{} has held an event loop for {} ms or longer, and delays all connections of the loop. Have it compute on"
                            + " threads of your own.{}",
                    handler,
                    BUSY.toMillis(),
                    stack);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
