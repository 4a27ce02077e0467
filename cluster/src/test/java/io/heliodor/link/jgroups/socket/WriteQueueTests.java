package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WriteQueueTests {
    private final AtomicInteger overflows = new AtomicInteger();
    private final WriteQueue queue = new WriteQueue(10, overflows::incrementAndGet);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void queuedBytesAreWrittenBeforeTheEnd() throws Exception {
        byte[] reused = {1, 2, 3};
        queue.write(reused, 0, 2);
        reused[0] = 9;
        queue.write(reused, 2, 1);
        queue.end();
        queue.writeTo(out);
        assertThat(out.toByteArray()).containsExactly(1, 2, 3);
    }

    @Test
    void aFullQueueOverflowsAndNeverBlocks() throws Exception {
        queue.write(new byte[10]);
        assertThatThrownBy(() -> queue.write(1)).isInstanceOf(SocketException.class);
        assertThat(overflows).hasValue(1);
    }

    @Test
    void writtenBytesMakeRoom() throws Exception {
        queue.write(new byte[10]);
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                queue.writeTo(out);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        await().until(() -> {
            try {
                queue.write(new byte[1]);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        queue.end();
        writer.join();
        assertThat(out.size()).isEqualTo(11);
    }

    @Test
    void droppedBytesAreNotWritten() throws Exception {
        queue.write(new byte[5]);
        queue.drop();
        queue.write(new byte[5]);
        queue.writeTo(out);
        assertThat(out.size()).isZero();
    }
}
