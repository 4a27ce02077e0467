package io.heliodor.transport.io;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.heliodor.limit.MemoryLimits;
import io.heliodor.observe.Metric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The direct memory that buffers use, with a limit.
 *
 * <p>The allocator reports it, so a buffer that many connections share counts once.
 *
 * @param allocator of all buffers
 * @param limit in bytes
 */
public record DirectMemory(PooledByteBufAllocator allocator, long limit) {
    /**
     * Netty's default allocator, with the limit that is set or half of the JVM's direct memory.
     *
     * @param limits the limits of an endpoint
     * @return its direct memory
     */
    public static DirectMemory of(MemoryLimits limits) {
        return new DirectMemory(
                PooledByteBufAllocator.DEFAULT, limits.maxDirectBytes().orElseGet(() -> max() / 2));
    }

    /** The JVM's limit of direct memory: that of the heap unless {@code -XX:MaxDirectMemorySize} sets another. */
    public static long max() {
        HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long set = options == null
                ? 0
                : Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
        return set > 0 ? set : Runtime.getRuntime().maxMemory();
    }

    /**
     * The gauges of direct memory.
     *
     * @return the memory in use, and the limit
     */
    public List<Metric> metrics() {
        return List.of(
                gauge("used", "Direct memory in use by buffers.", this::used),
                gauge("limit", "Direct memory that buffers may use.", () -> limit));
    }

    /** The bytes in use. */
    public long used() {
        return allocator.pinnedDirectMemory();
    }

    private static Metric gauge(String name, String description, LongSupplier reading) {
        return new Metric(
                "heliodor.memory.direct." + name, Optional.empty(), Metric.Kind.GAUGE, "bytes", description, reading);
    }

    /**
     * Whether Netty allocates buffers up to a limit of its own, so that an allocation beyond it fails at once. Otherwise the JVM
     * allocates them, and stops the event loop at its limit, to collect garbage.
     */
    public boolean failsFast() {
        allocator.directBuffer(1).release();
        return PlatformDependent.usedDirectMemory() > 0;
    }

    /** The bytes in use beyond the limit; negative below it. */
    public long excess() {
        return used() - limit;
    }
}
