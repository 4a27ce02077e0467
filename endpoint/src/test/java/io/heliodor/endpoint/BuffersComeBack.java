package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.transport.RecordedLog;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.event.Level;

/** After each test no buffer is in use any more, and Netty's leak detector has found none. */
final class BuffersComeBack implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) {
        Live.eventually()
                .untilAsserted(
                        () -> assertThat(pinned()).as("bytes of buffers in use").isZero());
        assertThat(RecordedLog.lines(Level.ERROR, "LEAK")).isEmpty();
    }

    static long pinned() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() + PooledByteBufAllocator.DEFAULT.pinnedHeapMemory();
    }
}
