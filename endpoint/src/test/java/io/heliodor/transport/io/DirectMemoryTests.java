package io.heliodor.transport.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Direct memory at the limit of the JVM. */
class DirectMemoryTests {
    @Test
    void anAllocationBeyondTheLimitFailsWithoutACollection() {
        DirectMemory memory = new DirectMemory(
                new PooledByteBufAllocator(true), Limits.openInternet().memory().effectiveHeapBytes());
        assertThat(memory.failsFast()).isTrue();
        List<ByteBuf> buffers = new ArrayList<>();
        OutOfMemoryError failure = null;
        try {
            while (failure == null) {
                try {
                    buffers.add(memory.allocator().directBuffer(4 << 20));
                } catch (OutOfMemoryError e) {
                    failure = e;
                }
            }
        } finally {
            buffers.forEach(ByteBuf::release);
        }
        // The JVM's own allocations, which collect garbage and wait, fail in java.nio.Bits.
        assertThat(failure.getStackTrace())
                .noneMatch(frame -> frame.getClassName().equals("java.nio.Bits"));
    }
}
