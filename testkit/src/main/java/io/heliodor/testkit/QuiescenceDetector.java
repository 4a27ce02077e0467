package io.heliodor.testkit;

import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Waits until all that runs has come to rest: the network, the loops of the nodes, and all virtual threads. Threads that do
 * something without end are waited for a moment only.
 */
final class QuiescenceDetector {
    /** How long nodes may take, on a machine that has other things to do. */
    private static final long NODES = 2_000_000_000L;

    /** How long threads of users may take. */
    private static final long THREADS = 1_000_000_000L;

    /** How long, when they took too long the last time: some never rest. */
    private static final long BUSY = 10_000_000L;

    private static final long PAUSE = 20_000;
    private static final int TWICE = 2;

    private final VirtualThreadSchedulerMXBean scheduler =
            ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    private final BooleanSupplier nodes;
    private volatile long patience = THREADS;

    /** {@code nodes} says whether the nodes and their network are at rest. */
    QuiescenceDetector(BooleanSupplier nodes) {
        this.nodes = nodes;
    }

    void await() {
        long begin = System.nanoTime();
        int calm = 0;
        // Something may pass from one to the other while they are looked at one by one.
        while (calm < TWICE) {
            boolean threads = threadsIdle();
            boolean rest = nodes.getAsBoolean();
            long waited = System.nanoTime() - begin;
            if (waited > NODES || (rest && waited > patience)) {
                patience = BUSY;
                return;
            }
            calm = threads && rest ? calm + 1 : 0;
            if (calm == 0) {
                LockSupport.parkNanos(PAUSE);
            }
        }
        patience = THREADS;
    }

    /** Whether no virtual thread of this JVM runs or is about to. */
    boolean threadsIdle() {
        int own = Thread.currentThread().isVirtual() ? 1 : 0;
        return scheduler.getQueuedVirtualThreadCount() <= 0 && scheduler.getMountedVirtualThreadCount() <= own;
    }
}
