package io.heliodor.transport.tls;

import io.heliodor.transport.io.BlockingTasks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS 1.3 or 1.2 of one connection, without renegotiation. */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public final class TlsHandler extends SslHandler {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** The time that a client has to read the close notification. */
    private static final long CLOSING_MILLIS = 1_000;

    /** The maximum of records that the client's own requests, such as key updates, may add to a full socket. */
    private static final int MAX_UNREAD = 1_000;

    /** A record with a fatal alert: no_application_protocol. */
    private static final byte[] NO_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

    private final TlsRecords records;

    /** The records that reads have added since the outbound buffer was last empty. */
    private long unread;

    private boolean helloRead;
    private boolean refused;

    public TlsHandler(ServerTls tls, TlsRecords records, ByteBufAllocator buffers) {
        super(engine(tls, buffers), BlockingTasks::start);
        this.records = records;
        // The deadline that was armed on accept covers the handshake.
        setHandshakeTimeoutMillis(0);
        setCloseNotifyFlushTimeoutMillis(CLOSING_MILLIS);
    }

    private static SSLEngine engine(ServerTls tls, ByteBufAllocator buffers) {
        SSLEngine engine = tls.certificates().newEngine(buffers);
        engine.setWantClientAuth(tls.requestsClientCertificates());
        return engine;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!helloRead && ClientHello.isWhole(in)) {
            helloRead = true;
            if (ClientHello.offersOthersThan(TlsLibrary.APPLICATION_PROTOCOL, in)) {
                refuseProtocols(ctx);
                return;
            }
        }
        boolean established = handshakeFuture().isSuccess();
        long before = records.written();
        unread = hasPendingWrites(ctx.channel()) ? unread : 0;
        super.decode(ctx, in, out);
        unread += records.written() - before;
        if (established && (unread > MAX_UNREAD || renegotiates())) {
            refused = true;
            LOG.debug("A client is closed: renegotiation, or too many key updates.");
            ctx.close();
        }
    }

    /** BoringSSL would continue without a protocol. */
    private void refuseProtocols(ChannelHandlerContext ctx) {
        refused = true;
        ctx.fireUserEventTriggered(
                new SslHandshakeCompletionEvent(new SSLHandshakeException("no application protocol in common")));
        ctx.writeAndFlush(Unpooled.wrappedBuffer(NO_PROTOCOL)).addListener(sent -> ctx.close());
    }

    /** The bytes of a record that has not arrived as a whole, and is not decrypted yet; 0 if there is none. */
    public int partialRecordBytes() {
        return actualReadableBytes();
    }

    private static boolean hasPendingWrites(Channel channel) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        return out != null && !out.isEmpty();
    }

    private boolean renegotiates() {
        return switch (engine().getHandshakeStatus()) {
            case NOT_HANDSHAKING, FINISHED -> false;
            default ->
                !engine().isInboundDone() && engine().getSession().getProtocol().equals("TLSv1.2");
        };
    }

    /** Shuts down the output of a connection, with or without TLS, after all pending writes. */
    public static void shutdownOutput(Channel channel) {
        TlsHandler tls = channel.pipeline().get(TlsHandler.class);
        if (tls == null) {
            ((DuplexChannel) channel).shutdownOutput();
        } else {
            tls.closeOutbound().addListener(sent -> ((DuplexChannel) channel).shutdownOutput());
        }
    }
}
