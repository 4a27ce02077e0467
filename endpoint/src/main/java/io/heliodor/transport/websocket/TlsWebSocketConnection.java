package io.heliodor.transport.websocket;

import io.heliodor.session.Session;
import io.heliodor.session.lane.Connection;
import io.heliodor.transport.frame.Compression;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.tls.TlsHandler;
import io.heliodor.transport.tls.TlsRecords;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A WebSocket over TLS, which writes through the pipeline. The channel counts both plain and encrypted bytes as pending.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
class TlsWebSocketConnection extends WebSocketConnection {
    private final Channel channel;
    private final TlsRecords records;
    private final TlsHandler tls;

    /** The bytes of a partial record at the last check. */
    private int partialBytes;

    TlsWebSocketConnection(
            Channel channel,
            int maxBytes,
            Optional<Compression> compression,
            ConnectionPermits.Permit permit,
            Function<Connection, Session<?>> session) {
        super(channel, maxBytes, compression, permit, session);
        this.channel = channel;
        this.records = Objects.requireNonNull(channel.pipeline().get(TlsRecords.class));
        this.tls = Objects.requireNonNull(channel.pipeline().get(TlsHandler.class));
    }

    @Override
    void enqueue(ByteBuf frames) {
        channel.write(frames, channel.voidPromise());
    }

    @Override
    void flushChannel() {
        channel.flush();
    }

    @Override
    long writtenBuffers() {
        return records.written();
    }

    /** Counts the bytes of a record that is not complete: over a slow link one takes longer than the idle timeout. */
    @Override
    public boolean check() {
        boolean again = super.check();
        int partial = tls.partialRecordBytes();
        if (partial != partialBytes) {
            partialBytes = partial;
            if (partial > 0) {
                arrivedEncoded(partial);
            }
        }
        return again;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        sweepNext();
        ctx.fireChannelReadComplete();
    }

    @Override
    void shutdownOutput() {
        TlsHandler.shutdownOutput(channel);
    }
}
