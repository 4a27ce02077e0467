package io.heliodor.transport.websocket;

import io.heliodor.session.Session;
import io.heliodor.session.SessionEnd;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.Loop;
import io.heliodor.transport.frame.CloseFrames;
import io.heliodor.transport.frame.Compression;
import io.heliodor.transport.frame.FrameLayout;
import io.heliodor.transport.frame.FrameReader;
import io.heliodor.transport.frame.MessageDeflater;
import io.heliodor.transport.frame.WebSocketMessage;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.io.IoBackend;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.Slice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket after its handshake, the only handler of its pipeline. It decodes bytes to messages for the session, and
 * collects the messages of the session to write them once in each turn of the loop. All methods run on that loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public class WebSocketConnection extends ChannelInboundHandlerAdapter implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** A fuller write buffer is written before the end of the turn. */
    private static final int MAX_BATCH_BYTES = 32 << 10;

    /** The time for a client to take and answer a close frame. Bytes that arrive until then are discarded. */
    private static final long CLOSING_MILLIS = 1_000;

    /** A reset is detected by the check that comes so many sweeps after a read. */
    private static final int CHECKS_AFTER_READ = 2;

    private final Channel channel;
    private final FrameReader reader;
    private final Optional<MessageDeflater> deflation;
    private final Session<?> session;

    /** Frames for this client alone that wait for the end of the turn. */
    private @Nullable ByteBuf writeBuffer;

    /** The bytes that were read, but not decoded, when the session stopped reading. */
    private @Nullable ByteBuf held;

    /** The bytes of a partial message that count for the memory of the connection. */
    private int countedBytes;

    /** The buffers and bytes written to the channel so far. */
    private long writtenBuffers;

    private long writtenBytes;

    private boolean reading = true;

    /** Whether bytes of the socket are discarded, and only those that were held before are decoded. */
    private boolean inputEnded;

    private boolean closing;

    private final ConnectionPermits.Permit permit;

    /** Whether the session has finished. */
    private boolean finished;

    private byte checksSinceRead;

    WebSocketConnection(
            Channel channel,
            int maxBytes,
            Optional<Compression> compression,
            ConnectionPermits.Permit permit,
            Function<Connection, Session<?>> session) {
        this.channel = channel;
        this.permit = permit;
        this.reader = new FrameReader(maxBytes, compression.map(Compression::inflation));
        this.deflation = compression.map(Compression::deflation);
        this.session = session.apply(this);
    }

    /** Opens the session, and decodes the bytes that followed the upgrade request. */
    public void open(@Nullable ByteBuf eager) {
        session.open();
        if (eager != null) {
            try {
                read(eager, false);
            } catch (Throwable e) {
                session.fault(e); // the handler of the handshake would treat this as an HTTP fault
            }
        }
    }

    // Input.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        checksSinceRead = 0;
        if (inputEnded) {
            in.release();
            return;
        }
        if (held == null) {
            read(in, false);
        } else {
            try {
                held.discardReadBytes().writeBytes(in);
            } finally {
                in.release();
            }
            readHeld();
        }
    }

    private void readHeld() {
        ByteBuf in = Objects.requireNonNull(held);
        held = null;
        read(in, true);
    }

    /**
     * Decodes a buffer, and holds the rest if the session stops reading. A buffer of the socket is copied to the heap. A held
     * buffer is copied only if three quarters of it were decoded.
     */
    private void read(ByteBuf in, boolean onHeap) {
        try {
            // During a close, bytes are still read until the client closes too: unread bytes would be answered with a
            // reset, which discards the close frame.
            receive(in);
            if (in.isReadable() && !closing) {
                held = onHeap && 4 * in.readableBytes() >= in.capacity()
                        ? in.retain()
                        : Unpooled.buffer(in.readableBytes()).writeBytes(in);
            }
        } finally {
            in.release();
            // An illegal frame after a partial message may have ended the session, and with it all that counts.
            count(finished && !channel.isActive() ? 0 : reader.heldBytes());
            session.arrived(reader.incompleteBytes());
            session.memory().unread(held == null ? 0 : held.capacity());
        }
        if (inputEnded && held == null) {
            session.closing().inputEnded();
        }
    }

    @Override
    public void endInput() {
        inputEnded = true;
        if (held == null) {
            session.closing().inputEnded();
        }
    }

    /** Bytes have arrived that belong to a message, but cannot be decoded yet. */
    void arrivedEncoded(int bytes) {
        session.arrived(reader.incompleteBytes() + bytes);
    }

    /** Counts the bytes of a partial message. */
    private void count(int bytes) {
        if (bytes > countedBytes) {
            session.flow().hold(bytes - countedBytes);
        } else if (bytes < countedBytes) {
            session.flow().release(countedBytes - bytes);
        }
        countedBytes = bytes;
    }

    private void receive(ByteBuf in) {
        while (reading && !closing) {
            WebSocketMessage message = reader.read(in);
            switch (message) {
                case null -> {
                    return;
                }
                case WebSocketMessage.Text(var bytes) -> session.text(bytes, 0, bytes.length);
                case WebSocketMessage.Binary(var bytes) -> session.binary(bytes, 0, bytes.length);
                case WebSocketMessage.Ping(var payload) -> {
                    if (session.ping()) {
                        bufferFrame(FrameLayout.PONG, payload);
                        flush();
                    }
                }
                case WebSocketMessage.Pong() -> session.pong();
                case WebSocketMessage.Close(var code) -> {
                    session.closing().disconnected(code, "closed by the client");
                    if (!closing) {
                        sendClose(code == 1005 ? new byte[0] : closePayload(code, ""), channel::close);
                    }
                }
                case WebSocketMessage.ProtocolError(var code, var reason) -> {
                    LOG.debug("A client broke the protocol: {}", reason);
                    // Nothing after a breach is read (RFC 6455, 7.1.7), but what came before it gets its replies.
                    in.skipBytes(in.readableBytes());
                    session.closing().closeAfterReplies(SessionEnd.breach(code), reason);
                    return;
                }
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inputEnded = true;
        try {
            if (held == null || closing) {
                session.closing().disconnected();
            } else {
                session.closing().cut();
            }
        } finally {
            releaseWriteBuffer();
            if (session.closed()) {
                release();
            }
            releasePermit();
        }
    }

    @Override
    public void finished() {
        finished = true;
        if (!channel.isActive()) {
            release();
        }
        releasePermit();
    }

    /** Releases the permit when the connection is closed and its messages are handled. */
    private void releasePermit() {
        if (finished && !channel.isActive()) {
            permit.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            LOG.debug("A connection failed", cause);
            channel.close();
        } else {
            session.fault(cause);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable() && !closing) {
            session.writable();
        }
    }

    // Output.

    @Override
    public void write(byte[] message) {
        Optional<byte[]> smaller =
                deflation.isEmpty() ? Optional.empty() : deflation.get().compress(ByteBuffer.wrap(message));
        if (smaller.isPresent()) {
            bufferFrame(FrameLayout.RSV1 | FrameLayout.opcode(message), smaller.get());
        } else {
            bufferFrame(FrameLayout.opcode(message), message);
        }
    }

    @Override
    public void write(Loop.Shared messages) {
        flushWriteBuffer();
        writeToChannel(((NettyLoop.SharedFrames) messages).frames(deflation));
    }

    private void writeToChannel(ByteBuf frames) {
        writtenBuffers++;
        writtenBytes += frames.readableBytes();
        enqueue(frames);
    }

    void enqueue(ByteBuf frames) {
        // Bypasses the pipeline: this is its only handler, and its contexts would cost two more cache misses.
        channel.unsafe().write(frames, channel.voidPromise());
    }

    @Override
    public void write(List<Slice> piece, boolean first, boolean last) {
        int length = piece.stream().mapToInt(Slice::length).sum();
        FrameLayout.writePiece(writeBufferFor(FrameLayout.size(length)), piece, length, first, last);
    }

    private void bufferFrame(int opcode, byte[] payload) {
        FrameLayout.write(writeBufferFor(FrameLayout.size(payload.length)), opcode, payload);
    }

    /** The write buffer, with room for a number of bytes. */
    private ByteBuf writeBufferFor(int size) {
        if (writeBuffer != null && writeBuffer.writableBytes() < size) {
            flushWriteBuffer();
        }
        if (writeBuffer == null) {
            writeBuffer = channel.alloc().directBuffer(Math.max(size, 512));
        }
        return writeBuffer;
    }

    private void flushWriteBuffer() {
        if (writeBuffer != null) {
            writeToChannel(writeBuffer);
            writeBuffer = null;
        }
    }

    @Override
    public void flush() {
        flushWriteBuffer();
        flushChannel();
    }

    void flushChannel() {
        channel.unsafe().flush();
    }

    @Override
    public boolean writable() {
        return channel.isWritable() && (writeBuffer == null || writeBuffer.readableBytes() < MAX_BATCH_BYTES);
    }

    @Override
    public long pending() {
        return (writeBuffer == null ? 0 : writeBuffer.readableBytes()) + pendingInChannel();
    }

    private long pendingInChannel() {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        // The total includes all bytes of a partly written buffer.
        return out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
    }

    @Override
    public long taken() {
        return writtenBytes - pendingInChannel();
    }

    @Override
    public long progress() {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        // The buffers that were written, and the progress of the next one: a further buffer changes neither.
        return out == null ? 0 : ((writtenBuffers() - out.size()) << 32) + out.currentProgress();
    }

    long writtenBuffers() {
        return writtenBuffers;
    }

    /** Checks once after a read for a reset: Netty 4.2.18 on io_uring misses one that follows bytes immediately. */
    @Override
    public boolean check() {
        if (checksSinceRead < CHECKS_AFTER_READ
                && ++checksSinceRead == CHECKS_AFTER_READ
                && IoBackend.isReset(channel)) {
            channel.unsafe().close(channel.voidPromise());
        }
        return checksSinceRead < CHECKS_AFTER_READ;
    }

    /** Bytes have arrived that may be a part of a message which {@link #check} counts. */
    void sweepNext() {
        session.sweepNext();
    }

    @Override
    public void reading(boolean on) {
        if (reading == on) {
            return;
        }
        reading = on;
        try {
            if (on && held != null) {
                readHeld();
            }
        } finally {
            // After the held bytes: otherwise a session that stops at each message would read more from the socket each
            // time.
            channel.config().setAutoRead(reading || closing);
        }
    }

    // Close.

    @Override
    public void close(int code, String reason) {
        if (closing) {
            return;
        }
        sendClose(closePayload(code, reason), this::shutdownOutput);
        channel.config().setAutoRead(true);
    }

    void shutdownOutput() {
        ((DuplexChannel) channel).shutdownOutput();
    }

    private void sendClose(byte[] payload, Runnable sent) {
        closing = true;
        ScheduledFuture<?> timer =
                channel.eventLoop().schedule(this::forceClose, CLOSING_MILLIS, TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(ended -> timer.cancel(false));
        flushWriteBuffer();
        channel.writeAndFlush(closeFrame(payload)).addListener(done -> sent.run());
    }

    private ByteBuf closeFrame(byte[] payload) {
        ByteBuf frame;
        try {
            frame = channel.alloc().directBuffer(FrameLayout.size(payload.length));
        } catch (OutOfMemoryError e) {
            return CloseFrames.frame(payload);
        }
        FrameLayout.write(frame, FrameLayout.CLOSE, payload);
        return frame;
    }

    private static byte[] closePayload(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + text.length)
                .putShort((short) code)
                .put(text)
                .array();
    }

    private void forceClose() {
        if (!channel.isActive()) {
            return;
        }
        if (pending() > 0) {
            // Discards the bytes that the kernel holds for a client that does not read.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        // Bypasses the pipeline, where TLS would wait for room for its close notification.
        channel.unsafe().close(channel.voidPromise());
    }

    private void releaseWriteBuffer() {
        if (writeBuffer != null) {
            writeBuffer.release();
            writeBuffer = null;
        }
    }

    private void release() {
        releaseWriteBuffer();
        if (held != null) {
            held.release();
            held = null;
        }
        count(0);
        session.memory().unread(0);
        closing = true;
    }
}
