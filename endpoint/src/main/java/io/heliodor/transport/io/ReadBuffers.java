package io.heliodor.transport.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Read buffers of one connection, whose allocation never throws. Without memory the connection's handlers get the error, as
 * from a failed read, and the read gets an empty buffer.
 *
 * <p>For io_uring: the event loop of Netty 4.2.18 ends with the error, and with it all connections of the loop.
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
                // Not at once: the caller is in the middle of a change of the channel's state.
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
