package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WriteQueueTests {
    private final AtomicInteger overflows = new AtomicInteger();
    private final WriteQueue sending = new WriteQueue(10, overflows::incrementAndGet);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void whatWaitsIsWrittenBeforeTheEnd() throws Exception {
        byte[] reused = {1, 2, 3};
        sending.write(reused, 0, 2);
        reused[0] = 9;
        sending.write(reused, 2, 1);
        sending.end();
        sending.pump(out);
        assertThat(out.toByteArray()).containsExactly(1, 2, 3);
    }

    @Test
    void whereThereIsNoRoomItOverflowsAndNeverBlocks() throws Exception {
        sending.write(new byte[10]);
        assertThatThrownBy(() -> sending.write(1)).isInstanceOf(SocketException.class);
        assertThat(overflows).hasValue(1);
    }

    @Test
    void thereIsRoomAgainForWhatWasWritten() throws Exception {
        sending.write(new byte[10]);
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                sending.pump(out);
            } catch (java.io.IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Wires.await(() -> "size " + out.size(), () -> {
            try {
                sending.write(new byte[1]);
                return true;
            } catch (java.io.IOException e) {
                return false;
            }
        });
        sending.end();
        writer.join();
        assertThat(out.size()).isEqualTo(11);
    }

    @Test
    void whatIsDroppedIsNotWritten() throws Exception {
        sending.write(new byte[5]);
        sending.drop();
        sending.write(new byte[5]);
        sending.pump(out);
        assertThat(out.size()).isZero();
    }
}
