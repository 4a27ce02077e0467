package io.heliodor.transport.tls;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * The records between TLS and the socket, counted. One that is lost ends the connection: the client could read nothing behind
 * it, and TLS does not look whether its writes succeed.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public final class TlsRecords extends ChannelOutboundHandlerAdapter {
    private long written;
    private ChannelFutureListener closeIfLost = record -> {};

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        // One for all records. Past TLS, which could not say goodbye without the record.
        closeIfLost = record -> {
            if (!record.isSuccess()) {
                ctx.close();
            }
        };
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        written++;
        ctx.write(message, promise.unvoid()).addListener(closeIfLost);
    }

    /** How many buffers were given to the socket. */
    public long written() {
        return written;
    }
}
