package io.heliodor.limit;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The limits of the memory that an endpoint holds for its clients. An empty limit follows the limits of the JVM.
 *
 * @param maxHeapBytes bytes of heap for all clients together: connections, channels, waiting frames and messages, histories; at least 1 MiB
 *     and at most the maximum heap of the JVM, by default half of the maximum heap of the JVM. Bytes that many clients share count once. From three quarters on, joins
 *     are refused with the reason {@code overloaded}, requests to connect with HTTP status 503, and connections that hold more
 *     than a few KiB are not read. If that lasts for 2 s, or at the limit, the connections that hold most are closed with code
 *     1013. More serves more clients, and leaves less to the application and the collector
 * @param maxDirectBytes bytes of direct memory for the buffers of all connections together; at least 1 MiB, by default half of
 *     {@code MaxDirectMemorySize} of the JVM. At the limit the connections for which most waits are closed with code 4408
 * @param maxConnectionBytes bytes for one client: frames that wait for handlers or are being handled (twice their size, since handlers decode and
 *     answer them), and messages that wait for its socket; at least 1, by default 16 MiB, or a sixteenth of the heap limit if
 *     that is less, but no less than 64 KiB. From a quarter on (four times {@link SessionLimits#maxMessageBytes()}, if that is
 *     more) the connection is not read; bytes that other clients share do not count for that. A connection for which as many
 *     bytes wait before a new message is closed with code 4408. The presences of its channels may take a sixteenth; tracking
 *     more of them throws. More is patient with slow clients, and lets fewer of them fill the heap limit
 * @param maxHistoryBytes bytes that the histories of all topics keep together; at least 1, 96 MiB by default, and never more than a quarter of the
 *     heap limit. Beyond it the user who began the histories that hold most gives way: first those of topics without members, the
 *     longest without first, then the older half of the largest one. More lets clients come back later without a gap
 */
public record MemoryLimits(
        OptionalLong maxHeapBytes, OptionalLong maxDirectBytes, OptionalLong maxConnectionBytes, long maxHistoryBytes) {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value is out of its range, with its name, the value and the range
     */
    public MemoryLimits {
        Objects.requireNonNull(maxHeapBytes, "maxHeapBytes");
        Objects.requireNonNull(maxDirectBytes, "maxDirectBytes");
        Objects.requireNonNull(maxConnectionBytes, "maxConnectionBytes");
        maxHeapBytes.ifPresent(MemoryLimits::checkHeap);
        maxDirectBytes.ifPresent(bytes -> Range.check("memory.maxDirectBytes", bytes, 1 << 20));
        maxConnectionBytes.ifPresent(bytes -> Range.check("memory.maxConnectionBytes", bytes, 1));
        Range.check("memory.maxHistoryBytes", maxHistoryBytes, 1);
    }

    private static void checkHeap(long bytes) {
        Range.check("memory.maxHeapBytes", bytes, 1 << 20);
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap) {
            throw new IllegalArgumentException("memory.maxHeapBytes is " + bytes + "; it must be at most " + heap
                    + ", the heap of this JVM: raise -Xmx, or leave the limit out for half of the heap.");
        }
    }

    /**
     * The limit for all clients: {@link #maxHeapBytes()}, or its default in this JVM.
     *
     * @return a number of bytes
     */
    public long effectiveHeapBytes() {
        return maxHeapBytes.orElseGet(() -> Runtime.getRuntime().maxMemory() / 2);
    }

    /**
     * The limit for one client: {@link #maxConnectionBytes()}, or its default, which follows {@link #effectiveHeapBytes()}.
     *
     * @return a number of bytes
     */
    public long effectiveConnectionBytes() {
        return maxConnectionBytes.orElseGet(() -> Math.clamp(effectiveHeapBytes() / 16, 64 << 10, 16 << 20));
    }

    /**
     * These limits with another {@link #maxHeapBytes()}.
     *
     * @param bytes at least 1 MiB, at most the maximum heap of the JVM
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public MemoryLimits maxHeapBytes(long bytes) {
        return new MemoryLimits(OptionalLong.of(bytes), maxDirectBytes, maxConnectionBytes, maxHistoryBytes);
    }

    /**
     * These limits with another {@link #maxDirectBytes()}.
     *
     * @param bytes at least 1 MiB
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public MemoryLimits maxDirectBytes(long bytes) {
        return new MemoryLimits(maxHeapBytes, OptionalLong.of(bytes), maxConnectionBytes, maxHistoryBytes);
    }

    /**
     * These limits with another {@link #maxConnectionBytes()}.
     *
     * @param bytes at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public MemoryLimits maxConnectionBytes(long bytes) {
        return new MemoryLimits(maxHeapBytes, maxDirectBytes, OptionalLong.of(bytes), maxHistoryBytes);
    }

    /**
     * These limits with another {@link #maxHistoryBytes()}.
     *
     * @param bytes at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public MemoryLimits maxHistoryBytes(long bytes) {
        return new MemoryLimits(maxHeapBytes, maxDirectBytes, maxConnectionBytes, bytes);
    }
}
