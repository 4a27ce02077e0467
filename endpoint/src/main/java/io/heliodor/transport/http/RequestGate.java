package io.heliodor.transport.http;

import io.heliodor.session.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the HTTP decoder and lets one request at a time through to it. What the client sends behind a request
 * is held as it came: the next request, or the frames of a client that does not wait for the answer to its upgrade.
 *
 * <p>Only the end of a head is looked for; whether it is good is for the decoder to say. A body is let through when it
 * is asked for, by its length.
 */
public final class RequestGate extends ChannelInboundHandlerAdapter {
    /** Goes to the handler of requests when a head has too many lines; the rest of it is discarded. */
    static final Object TOO_MANY_LINES = new Object();

    /** Each line costs far more as a header than as bytes. */
    private static final int MAX_LINES = 128;

    /** A head as a request costs about so many times its bytes. */
    private static final int HEAP_PER_BYTE = 4;

    /** While a client's poll waits it is read from, to see when it goes. What it sends meanwhile has this bound. */
    private static final int MAX_HELD_BYTES = 16 << 10;

    private final MemoryBudget memory;
    private @Nullable ChannelHandlerContext context;

    /** What was not let through yet. */
    private @Nullable ByteBuf held;

    private boolean open = true;

    /** How many bytes of a body may pass. */
    private long body;

    private boolean passing;
    private boolean discarding;

    /** The memory of the head that was let through, while its request is not answered. */
    private long counted;

    // The place within a head.
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
            // Reading is off while the gate is shut, or soon will be.
            ByteBuf before = held;
            held = null;
            held = joined(ctx, before, in);
        }
        pass(ctx);
        if (held != null && held.readableBytes() > MAX_HELD_BYTES) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** The bytes of both, which it releases; even if there is too little memory. */
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

    /** Lets nothing through any more. Called by the handler behind the decoder when it gets a request. */
    void shut() {
        open = false;
        body = 0;
    }

    /** Lets so many bytes of the present request's body through. */
    void passBody(long bytes) {
        body = bytes;
        if (context != null) {
            pass(context);
        }
    }

    /** Lets the next request through; the client may have sent it already. */
    void open() {
        open = true;
        release();
        if (context != null) {
            pass(context);
        }
    }

    /** Drops what is held and what will come. */
    void discard() {
        discarding = true;
        release();
        ByteBuf rest = rest();
        if (rest != null) {
            rest.release();
        }
    }

    /** Gives away what is held. */
    @Nullable
    ByteBuf rest() {
        ByteBuf rest = held;
        held = null;
        return rest;
    }

    private void pass(ChannelHandlerContext ctx) {
        if (passing) {
            // A request was answered at once: the loop below goes on, and the stack does not grow.
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

    /** The index behind the blank line that ends a head; -1 if it has not come. Blank lines before a head belong to it. */
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
            lines++;
            if (blank && begun) {
                begun = false;
                lines = 0;
                return i + 1;
            }
            begun |= !blank;
        }
        return -1;
    }
}
