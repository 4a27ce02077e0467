package io.heliodor.transport.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * The allocator of one connection's read buffers, which never throws. Without memory the read gets an empty buffer, and
 * the connection's handlers get the error as from a failed read.
 *
 * <p>For io_uring: in Netty 4.2.18 the error would end the event loop and all its connections.
 */
public final class ReadBuffers implements RecvByteBufAllocator {
    private final Channel channel;
    private final RecvByteBufAllocator sized;

    private ReadBuffers(Channel channel) {
        this.channel = channel;
        this.sized = channel.config().getRecvByteBufAllocator();
    }

    public static void guard(Channel channel) {
        channel.config().setRecvByteBufAllocator(new ReadBuffers(channel));
    }

    @Override
    public ExtendedHandle newHandle() {
        return new Guarded(channel, (ExtendedHandle) sized.newHandle());
    }

    private static final class Guarded extends DelegatingHandle implements ExtendedHandle {
        private final Channel channel;
        private final ExtendedHandle sized;

        Guarded(Channel channel, ExtendedHandle sized) {
            super(sized);
            this.channel = channel;
            this.sized = sized;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            try {
                return super.allocate(allocator);
            } catch (OutOfMemoryError e) {
                // Later, because the caller is in the middle of a change of the channel's state.
                channel.eventLoop().execute(() -> channel.pipeline().fireExceptionCaught(e));
                return Unpooled.EMPTY_BUFFER;
            }
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return sized.continueReading(maybeMore);
        }
    }
}
