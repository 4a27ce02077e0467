package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.event.Level;

/** Checks after each test that no buffer is in use, and that Netty's leak detector has found no leak. */
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
