package io.heliodor.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Stands between TLS and the socket, and counts what goes from one to the other. */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
final class TlsRecords extends ChannelOutboundHandlerAdapter {
    private long written;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        written++;
        ctx.write(message, promise);
    }

    /** How many buffers were given to the socket. */
    long written() {
        return written;
    }
}
