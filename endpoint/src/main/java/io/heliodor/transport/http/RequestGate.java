package io.heliodor.transport.http;

import io.heliodor.session.budget.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * The handler before the HTTP decoder, which passes one request at a time. It holds the bytes that follow a request: the
 * next request, or the frames of a client that does not wait for the response to its upgrade.
 *
 * <p>The gate finds only the end of a head and leaves validation to the decoder. A body passes on request, by its length.
 */
public final class RequestGate extends ChannelInboundHandlerAdapter {
    /** The user event for a head with too many lines, the rest of which is discarded. */
    static final Object TOO_MANY_LINES = new Object();

    /** The user event for the first bytes of a request that follows another. */
    static final Object NEXT_BEGINS = new Object();

    /** The user event for the end of the connection: after it the decoder decodes no more, and held bytes are discarded. */
    static final Object ENDED = new Object();

    /** A header object needs much more memory than the bytes of its line. */
    private static final int MAX_LINES = 128;

    /** The user event for bytes behind a request that cannot be held, because memory is tight. They are discarded. */
    static final Object NO_MEMORY = new Object();

    /** The maximum of held bytes, and one read. A parked poll's connection is read, to detect a disconnect. */
    private static final int MAX_HELD_BYTES = 4 << 10;

    /** The longest line between chunks, or of a trailer, that the decoder accepts. */
    private static final int MAX_CHUNK_LINE_BYTES = 16 << 10;

    private final RequestMemory memory;
    private @Nullable ChannelHandlerContext context;

    /** Bytes that were not passed yet, on the heap while they wait: a buffer of the socket may be larger, and is direct. */
    private @Nullable ByteBuf held;

    private boolean open = true;

    /** Whether the next bytes begin a request that follows another. */
    private boolean atNext;

    /** The bytes of the body that may still pass. */
    private long body;

    private boolean passing;
    private boolean discarding;

    // The position within a head.
    private int lines;
    private int newLines;
    private int lineLength;
    private int longestLine;
    private boolean onlyReturn;
    private boolean begun;

    public RequestGate(MemoryBudget memory) {
        this.memory = new RequestMemory(memory);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        memory.begin();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        discard();
        memory.end();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ctx.fireUserEventTriggered(ENDED);
        discard();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (discarding) {
            in.release();
            return;
        }
        if (held == null) {
            held = in;
            pass(ctx);
            holdOnHeap();
        } else {
            // Reading is off while the gate is closed, or will be soon.
            try {
                held.writeBytes(in);
            } finally {
                in.release();
            }
            pass(ctx);
        }
        if (held != null && memory.isTight()) {
            discard();
            ctx.fireUserEventTriggered(NO_MEMORY);
        } else if (held != null && held.readableBytes() > MAX_HELD_BYTES) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** Copies bytes that wait out of a buffer of the socket. */
    private void holdOnHeap() {
        ByteBuf in = held;
        if (in != null) {
            held = Unpooled.buffer(in.readableBytes()).writeBytes(in);
            in.release();
            memory.setWaiting(held.capacity());
        }
    }

    /** Passes nothing more. The handler after the decoder calls it on each request. */
    void close() {
        open = false;
        body = 0;
    }

    /** Passes a number of bytes of the current request's body. */
    void passBody(long bytes) {
        body = bytes;
        pass();
    }

    /** Passes a body of chunks, whose end the gate does not find: all that follows. */
    void passChunks() {
        body = Long.MAX_VALUE;
        memory.setLongestLine(MAX_CHUNK_LINE_BYTES);
        pass();
    }

    private void pass() {
        if (context != null) {
            pass(context);
        }
    }

    /** Passes the next request, which may be held already. */
    void open() {
        open = true;
        atNext = true;
        memory.releaseHead();
        if (context != null) {
            pass(context);
        }
    }

    /** Discards all held and further bytes. */
    void discard() {
        discarding = true;
        memory.releaseHead();
        ByteBuf rest = rest();
        if (rest != null) {
            rest.release();
        }
    }

    /** Takes the held bytes out of the gate. */
    @Nullable
    ByteBuf rest() {
        ByteBuf rest = held;
        held = null;
        memory.setWaiting(0);
        return rest;
    }

    private void pass(ChannelHandlerContext ctx) {
        if (passing) {
            // The response to a request was immediate: the loop below continues, so the stack does not grow.
            return;
        }
        passing = true;
        while ((open || body > 0) && held != null) {
            ByteBuf in = held;
            if (!open) {
                int size = (int) Math.min(body, in.readableBytes());
                body -= size;
                held = size == in.readableBytes() ? null : in;
                ctx.fireChannelRead(held == null ? in : in.readRetainedSlice(size));
                continue;
            }
            if (atNext) {
                atNext = false;
                ctx.fireUserEventTriggered(NEXT_BEGINS);
            }
            int end = endOfHead(in);
            if (lines > MAX_LINES) {
                discard();
                ctx.fireUserEventTriggered(TOO_MANY_LINES);
                break;
            }
            memory.addHead(end < 0 ? in.readableBytes() : end - in.readerIndex(), newLines);
            newLines = 0;
            memory.setLongestLine(longestLine);
            if (end < 0 || end == in.writerIndex()) {
                held = null;
                ctx.fireChannelRead(in);
            } else {
                ctx.fireChannelRead(in.readRetainedSlice(end - in.readerIndex()));
            }
        }
        passing = false;
        memory.setWaiting(held == null ? 0 : held.capacity());
    }

    /** Counts the parameters of the current request. */
    void addParams(int number) {
        memory.addParams(number);
    }

    /** Counts the head of the current request until the returned permit is released, whatever ends before. */
    ConnectionPermits.Permit holdHead() {
        return memory.holdHead();
    }

    /** Releases the memory of the current request's head, which nothing holds any more. */
    void releaseHead() {
        memory.releaseHead();
    }

    /** The index after the blank line that ends a head, or -1; also at too many lines. Blank lines before a head belong to it. */
    private int endOfHead(ByteBuf in) {
        for (int i = in.readerIndex(); i < in.writerIndex(); i++) {
            byte next = in.getByte(i);
            if (next != '\n') {
                onlyReturn = lineLength == 0 && next == '\r';
                lineLength++;
                continue;
            }
            boolean blank = lineLength == 0 || (lineLength == 1 && onlyReturn);
            longestLine = Math.max(longestLine, lineLength);
            lineLength = 0;
            newLines++;
            if (blank && begun) {
                begun = false;
                lines = 0;
                return i + 1;
            }
            if (++lines > MAX_LINES) {
                return -1;
            }
            begun |= !blank;
        }
        return -1;
    }
}
