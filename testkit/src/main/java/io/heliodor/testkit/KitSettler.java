package io.heliodor.testkit;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** Waits until the server of a kit has nothing left to do. Any thread of a test may use it, but none that runs a handler. */
final class KitSettler {
    private static final long FIRST_PAUSE = 20_000;
    private static final long LONGEST_PAUSE = 1_000_000;
    private static final long AFTER_INTERRUPT = 1_000_000_000L;
    private static final long IDLE_TIMEOUT = 1_000_000_000L;

    /** Work may move between two places that are checked one after the other. */
    private static final int CONSECUTIVE = 2;

    private final KitThreads threads = KitThreads.current();
    private final KitThreads.Rest detector = threads.rest(() -> true);
    private final KitServer server;
    private final Duration deadline;
    private final Optional<LongConsumer> cluster;

    /** {@code cluster}: waits for the work of the cluster of the server's node, until a time. */
    KitSettler(KitServer server, Duration deadline, Optional<LongConsumer> cluster) {
        this.server = server;
        this.deadline = deadline;
        this.cluster = cluster;
    }

    /** Waits until all caused work is done, and the presences have notified the clients on these topics. */
    void settle(Supplier<Collection<String>> topics) {
        long end = threads.nanoTime() + deadline.toNanos();
        awaitWork(end);
        awaitPresences(topics.get(), end);
        awaitWork(end);
    }

    private void awaitWork(long end) {
        awaitQuiescence(end);
        if (cluster.isPresent()) {
            cluster.get().accept(end);
        } else {
            detector.await();
        }
        awaitQuiescence(end);
    }

    private void awaitPresences(Collection<String> topics, long end) {
        try {
            if (server.presences().await(topics, end)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AssertionError("A presence did not send its changes within " + Seconds.text(deadline)
                + ". Does its enrichment block, or was it closed before the kit?");
    }

    private void awaitQuiescence(long end) {
        long pause = FIRST_PAUSE;
        while (!server.isQuiescent()) {
            if (threads.nanoTime() - end > 0) {
                throw new AssertionError("Work is still pending after " + Seconds.text(deadline) + ". Still running: "
                        + server.handlers().running());
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE);
        }
    }

    /** Waits until each handler has returned, or blocks. */
    void awaitIdle() {
        detector.await();
        long end = threads.nanoTime() + IDLE_TIMEOUT;
        int idle = 0;
        while (idle < CONSECUTIVE && threads.nanoTime() - end < 0) {
            idle = server.isQuiescent() || (server.loop().ask(server.loop()::idle) && detector.threadsIdle())
                    ? idle + 1
                    : 0;
        }
    }

    /** Waits for the end of all work; interrupts the handlers that still run at the deadline, and throws. */
    void finish() {
        if (quiescentWithin(deadline.toNanos())) {
            return;
        }
        String running = server.handlers().running();
        server.handlers().interrupt();
        boolean ended = quiescentWithin(AFTER_INTERRUPT);
        throw new AssertionError("The kit is closed, and " + Seconds.text(deadline) + " later there still ran: "
                + running + ". It was interrupted" + (ended ? "." : " and runs on."));
    }

    private boolean quiescentWithin(long nanos) {
        long end = threads.nanoTime() + nanos;
        while (!server.isQuiescent()) {
            if (threads.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(LONGEST_PAUSE);
        }
        return true;
    }
}
