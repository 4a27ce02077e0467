package io.heliodor.transport.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The sizes of a connection's read buffers, and when a turn ends. */
class ReadBuffersTests {
    @AutoClose("finishAndReleaseAll")
    private final EmbeddedChannel channel = new EmbeddedChannel();

    private ExtendedHandle buffers;

    @BeforeEach
    void allocate() {
        ReadBuffers.allocate(channel, IoBackend.EPOLL);
        buffers = (ExtendedHandle) channel.config().getRecvByteBufAllocator().newHandle();
    }

    /** A turn that gets these bytes. Returns the number of reads. */
    private int turn(int bytes) {
        buffers.reset(channel.config());
        int left = bytes;
        int reads = 0;
        do {
            ByteBuf buffer = buffers.allocate(UnpooledByteBufAllocator.DEFAULT);
            int read = Math.min(left, buffer.writableBytes());
            buffers.attemptedBytesRead(buffer.writableBytes());
            buffer.release();
            left -= read;
            reads++;
            buffers.lastBytesRead(read);
            buffers.incMessagesRead(1);
        } while (buffers.continueReading());
        buffers.readComplete();
        return reads;
    }

    @Test
    void buffersGrowWhileTheyAreFilled() {
        assertThat(turn(300_000)).isLessThan(10);
        assertThat(buffers.guess()).isEqualTo(ReadBuffers.MAX_BYTES);
    }

    @Test
    void buffersShrinkForAClientThatSendsLittle() {
        turn(300_000);
        for (int i = 0; i < 13; i++) {
            turn(50);
        }
        assertThat(buffers.guess()).as("after 13 small turns").isGreaterThan(ReadBuffers.MIN_BYTES);
        turn(50);
        assertThat(buffers.guess()).isEqualTo(ReadBuffers.MIN_BYTES);
        assertThat(turn(50)).isEqualTo(1);
        assertThat(buffers.guess()).isEqualTo(ReadBuffers.MIN_BYTES);
    }

    @Test
    void aTurnEndsAfterSixteenReads() {
        assertThat(turn(100 << 20)).isEqualTo(16);
    }

    @Test
    void aTurnEndsWhenTheConnectionIsNotReadAnyMore() {
        channel.config().setAutoRead(false);
        assertThat(turn(10_000)).isEqualTo(1);
    }
}
