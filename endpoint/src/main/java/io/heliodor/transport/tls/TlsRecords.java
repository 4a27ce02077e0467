package io.heliodor.transport.tls;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Counts the records that TLS writes to the socket. A record that cannot be written closes the connection: the client could
 * not decrypt the next one, and {@code SslHandler} ignores the result of its writes.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public final class TlsRecords extends ChannelOutboundHandlerAdapter {
    private long written;
    private ChannelFutureListener closeIfLost = record -> {};

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        // One listener for all records. The close bypasses TLS, whose close notification needs the lost record.
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

    /** The number of records written. */
    public long written() {
        return written;
    }
}
