package io.heliodor.transport.io;

import io.heliodor.log.BoundedLog;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds event loops that do not turn for a second, and logs the stack of each. A loop that does not turn serves none of its
 * connections: a task on it blocks, or computes for too long. It also finds loops that have ended though the server runs.
 *
 * <p>It sends a task to each loop and checks whether it ran. A time in which the watchdog itself did not run does not count:
 * then the process or its machine was paused.
 */
public final class LoopWatchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    static final Duration PERIOD = Duration.ofMillis(250);
    static final Duration STALL = Duration.ofSeconds(1);

    private final List<Beat> beats;
    private final Counters counters;
    private final LongSupplier clock;
    private final BoundedLog log;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("heliodor-watchdog").unstarted(this::run);
    private long lastCheck;
    private volatile boolean endExpected;
    private volatile boolean closed;

    /** A task that one loop is to run. All but {@link #turned} and the thread is used by the watchdog alone. */
    private static final class Beat implements Runnable {
        private final Executor loop;
        private volatile boolean turned = true;
        private volatile @Nullable Thread thread;
        private long sentAt;
        private boolean reported;
        private boolean ended;

        Beat(Executor loop) {
            this.loop = loop;
        }

        @Override
        public void run() {
            thread = Thread.currentThread();
            turned = true;
        }

        /** Sends the task again, or finds that the loop has ended. */
        void send(long now) {
            turned = false;
            reported = false;
            sentAt = now;
            try {
                loop.execute(this);
            } catch (RejectedExecutionException e) {
                ended = true;
            }
        }
    }

    /**
     * A watchdog that is not started.
     *
     * @param loops the event loops
     * @param clock monotonic, in nanoseconds
     */
    LoopWatchdog(Collection<? extends Executor> loops, Counters counters, LongSupplier clock) {
        this.beats = loops.stream().map(Beat::new).toList();
        this.counters = counters;
        this.clock = clock;
        this.log = new BoundedLog(LOG, "event loops that do not turn", clock);
        this.lastCheck = clock.getAsLong();
    }

    /** Watches event loops on a daemon thread. */
    public static LoopWatchdog start(Collection<? extends Executor> loops, Counters counters) {
        LoopWatchdog watchdog = new LoopWatchdog(loops, counters, System::nanoTime);
        watchdog.thread.start();
        return watchdog;
    }

    private void run() {
        while (!closed) {
            try {
                Thread.sleep(PERIOD);
                check();
            } catch (InterruptedException e) {
                // Closed.
            } catch (Throwable e) {
                LOG.error("The event loops were not watched for {}.", PERIOD, EscapedException.of(e));
            }
        }
    }

    /** Reports each loop that has not turned for too long, or has ended. */
    void check() {
        long now = clock.getAsLong();
        long pause = Math.max(0, now - lastCheck - 2 * PERIOD.toNanos());
        lastCheck = now;
        for (Beat beat : beats) {
            if (beat.ended) {
                continue;
            }
            if (beat.turned) {
                beat.send(now);
                // Read after the rejection: the server sets it before it stops the loops.
                if (beat.ended && !endExpected) {
                    reportEnd(beat.thread);
                }
                continue;
            }
            beat.sentAt += pause;
            if (!beat.reported && now - beat.sentAt >= STALL.toNanos()) {
                beat.reported = true;
                report(beat.thread, now - beat.sentAt);
            }
        }
    }

    private void report(@Nullable Thread loop, long nanos) {
        counters.increment(Counter.LOOPS_STALLED);
        String name = loop == null ? "-" : loop.getName();
        String stack = loop == null
                ? "it has not begun"
                : Stream.of(loop.getStackTrace())
                        .map(frame -> "\n\tat " + frame)
                        .collect(Collectors.joining());
        log.write(() -> LOG.error(
                "Event loop {} has not turned for {} ms, so none of its connections is served; it is here:{}",
                name,
                nanos / 1_000_000,
                stack));
    }

    private void reportEnd(@Nullable Thread loop) {
        counters.increment(Counter.LOOPS_STALLED);
        String name = loop == null ? "-" : loop.getName();
        log.write(() -> LOG.error(
                "Event loop {} has ended, though the server runs: none of its connections is served, and new ones that it"
                        + " would serve are closed. Restart the server; an earlier line of io.netty has the cause.",
                name));
    }

    /** The server stops its loops from now on; their end is not reported. */
    public void expectEnd() {
        endExpected = true;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
