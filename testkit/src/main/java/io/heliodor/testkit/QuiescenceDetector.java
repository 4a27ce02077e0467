package io.heliodor.testkit;

import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Detects that a JVM is quiescent: the network, the loops of the nodes, the loops of all {@link ChannelKit}s, and all virtual
 * threads. The wait for threads that never become idle is short.
 */
final class QuiescenceDetector implements KitThreads.Rest {
    /** The timeout for nodes, on a loaded machine. */
    private static final long NODES = 2_000_000_000L;

    /** The timeout for threads of users. */
    private static final long THREADS = 1_000_000_000L;

    /** The timeout after one that was exceeded: some threads never become idle. */
    private static final long BUSY = 10_000_000L;

    private static final long PAUSE = 20_000;
    private static final int CONSECUTIVE = 2;

    private final VirtualThreadSchedulerMXBean scheduler =
            ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    private final BooleanSupplier nodes;
    private volatile long patience = THREADS;

    /** {@code nodes} returns whether the nodes and their network are quiescent. */
    QuiescenceDetector(BooleanSupplier nodes) {
        this.nodes = nodes;
    }

    @Override
    public void await() {
        long begin = System.nanoTime();
        int idle = 0;
        // Work may move between two places that are checked one after the other.
        while (idle < CONSECUTIVE) {
            boolean threads = threadsIdle();
            boolean nodesIdle = nodes.getAsBoolean();
            long waited = System.nanoTime() - begin;
            if (waited > NODES || (nodesIdle && waited > patience)) {
                patience = BUSY;
                return;
            }
            idle = threads && nodesIdle ? idle + 1 : 0;
            if (idle == 0) {
                LockSupport.parkNanos(PAUSE);
            }
        }
        patience = THREADS;
    }

    @Override
    public boolean threadsIdle() {
        int own = Thread.currentThread().isVirtual() ? 1 : 0;
        return KitLoop.areAllIdle()
                && scheduler.getQueuedVirtualThreadCount() <= 0
                && scheduler.getMountedVirtualThreadCount() <= own;
    }
}
