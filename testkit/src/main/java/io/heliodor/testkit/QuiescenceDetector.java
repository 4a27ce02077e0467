package io.heliodor.testkit;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Detects that a JVM is quiescent: the network, the loops of the nodes, the loops of all {@link ChannelKit}s, and all virtual
 * threads. The wait for threads that never become idle is short.
 *
 * <p>Its timeouts are counted in time of the machine and in time of the processors that the JVM has used, whichever takes
 * longer. On a loaded machine the threads of a test get little of the processors: by the time of the machine alone, the clock
 * of the kit would pass them.
 */
final class QuiescenceDetector implements KitThreads.Rest {
    /** The timeout for nodes. */
    private static final long NODES = 2_000_000_000L;

    /** The timeout for threads of users. */
    private static final long THREADS = 1_000_000_000L;

    /** The timeout after one that was exceeded: some threads never become idle. */
    private static final long BUSY = 10_000_000L;

    /** The most by which the machine's time may exceed a timeout: a thread in a system call uses no processor. */
    private static final int MAX_STRETCH = 10;

    private static final long PAUSE = 20_000;
    private static final int CONSECUTIVE = 2;

    private final VirtualThreadSchedulerMXBean scheduler =
            ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    private final BooleanSupplier nodes;
    private final LongSupplier machine;
    private final LongSupplier processors;
    private volatile long patience = THREADS;

    /** {@code nodes} returns whether the nodes and their network are quiescent. */
    QuiescenceDetector(BooleanSupplier nodes) {
        this(
                nodes,
                System::nanoTime,
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)::getProcessCpuTime);
    }

    /** {@code machine} and {@code processors} return the time of the machine and the used time of its processors, in nanoseconds. */
    QuiescenceDetector(BooleanSupplier nodes, LongSupplier machine, LongSupplier processors) {
        this.nodes = nodes;
        this.machine = machine;
        this.processors = processors;
    }

    @Override
    public void await() {
        long begin = machine.getAsLong();
        long used = processors.getAsLong();
        int idle = 0;
        // Work may move between two places that are checked one after the other.
        while (idle < CONSECUTIVE) {
            boolean threads = threadsIdle();
            boolean nodesIdle = nodes.getAsBoolean();
            if (isOver(begin, used, nodesIdle ? patience : NODES)) {
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

    private boolean isOver(long begin, long used, long timeout) {
        long waited = machine.getAsLong() - begin;
        return waited > timeout && (processors.getAsLong() - used > timeout || waited > MAX_STRETCH * timeout);
    }

    @Override
    public boolean threadsIdle() {
        int own = Thread.currentThread().isVirtual() ? 1 : 0;
        return KitLoop.areAllIdle()
                && scheduler.getQueuedVirtualThreadCount() <= 0
                && scheduler.getMountedVirtualThreadCount() <= own;
    }
}
