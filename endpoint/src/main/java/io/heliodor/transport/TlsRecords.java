package io.heliodor.transport;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * The records between TLS and the socket, counted. One that is lost ends the connection: the client could read nothing behind
 * it, and TLS does not look whether its writes succeed.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
final class TlsRecords extends ChannelOutboundHandlerAdapter {
    private long written;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        written++;
        ChannelFuture record = ctx.write(message, promise.unvoid());
        if (!record.isSuccess()) {
            record.addListener(done -> {
                if (!done.isSuccess()) {
                    ctx.close();
                }
            });
        }
    }

    /** How many buffers were given to the socket. */
    long written() {
        return written;
    }
}
