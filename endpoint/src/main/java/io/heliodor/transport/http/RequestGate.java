package io.heliodor.transport.http;

import io.heliodor.session.budget.MemoryBudget;
import io.netty.buffer.ByteBuf;
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

    /** A header object needs much more memory than the bytes of its line. */
    private static final int MAX_LINES = 128;

    /** The heap of a decoded head, in multiples of its bytes. */
    private static final int HEAP_PER_BYTE = 4;

    /** The maximum of held bytes. A parked poll's connection is read, to detect a disconnect. */
    private static final int MAX_HELD_BYTES = 16 << 10;

    private final MemoryBudget memory;
    private @Nullable ChannelHandlerContext context;

    /** Bytes that were not passed yet. */
    private @Nullable ByteBuf held;

    private boolean open = true;

    /** Whether the next bytes begin a request that follows another. */
    private boolean atNext;

    /** The bytes of the body that may still pass. */
    private long body;

    private boolean passing;
    private boolean discarding;

    /** The memory of the current request's head, until its response. */
    private long counted;

    // The position within a head.
    private int lines;
    private int lineLength;
    private boolean onlyReturn;
    private boolean begun;

    public RequestGate(MemoryBudget memory) {
        this.memory = memory;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        discard();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
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
        } else {
            // Reading is off while the gate is closed, or will be soon.
            ByteBuf before = held;
            held = null;
            held = joined(ctx, before, in);
        }
        pass(ctx);
        if (held != null && held.readableBytes() > MAX_HELD_BYTES) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** Joins two buffers and releases them, also if there is no memory for the result. */
    private static ByteBuf joined(ChannelHandlerContext ctx, ByteBuf first, ByteBuf second) {
        try {
            return ctx.alloc()
                    .buffer(first.readableBytes() + second.readableBytes())
                    .writeBytes(first)
                    .writeBytes(second);
        } finally {
            first.release();
            second.release();
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
        if (context != null) {
            pass(context);
        }
    }

    /** Passes the next request, which may be held already. */
    void open() {
        open = true;
        atNext = true;
        release();
        if (context != null) {
            pass(context);
        }
    }

    /** Discards all held and further bytes. */
    void discard() {
        discarding = true;
        release();
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
            count(end < 0 ? in.readableBytes() : end - in.readerIndex());
            if (end < 0 || end == in.writerIndex()) {
                held = null;
                ctx.fireChannelRead(in);
            } else {
                ctx.fireChannelRead(in.readRetainedSlice(end - in.readerIndex()));
            }
        }
        passing = false;
    }

    private void count(int bytes) {
        long more = (long) HEAP_PER_BYTE * bytes;
        counted += more;
        memory.add(more);
    }

    private void release() {
        memory.add(-counted);
        counted = 0;
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
            lineLength = 0;
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
