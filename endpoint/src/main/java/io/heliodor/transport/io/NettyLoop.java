package io.heliodor.transport.io;

import io.heliodor.session.lane.Loop;
import io.heliodor.transport.frame.Compression;
import io.heliodor.transport.frame.FrameLayout;
import io.heliodor.transport.frame.MessageDeflater;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The loop of a lane, on a Netty event loop.
 *
 * @param loop the event loop
 * @param allocator of its buffers
 * @param compression the compressor of its connections, if compression is on
 */
public record NettyLoop(EventLoop loop, ByteBufAllocator allocator, Optional<Compression> compression) implements Loop {
    @Override
    public boolean inEventLoop() {
        return loop.inEventLoop();
    }

    @Override
    public boolean execute(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            rejectedAfterEnd(e);
            return false;
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // it is not cancelled, and what it throws is logged by the loop
    public void schedule(Runnable task, long nanos) {
        try {
            loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            rejectedAfterEnd(e);
        }
    }

    @Override
    public void afterTasks(Runnable task) {
        afterTasks(loop).execute(task);
    }

    /** Runs tasks after the current tasks of a loop, before its next I/O. */
    public static Executor afterTasks(EventLoop loop) {
        return loop instanceof SingleThreadEventLoop own
                ? own::executeAfterEventLoopIteration
                : loop; // the loop of an embedded channel, which has no I/O
    }

    /** Ignores a task after the end of the loop: a handler may outlive the server. */
    private void rejectedAfterEnd(RejectedExecutionException e) {
        if (!loop.isShuttingDown()) {
            throw e;
        }
    }

    @Override
    public Shared share(List<byte[]> messages) {
        int size = 0;
        for (byte[] message : messages) {
            size += FrameLayout.size(message.length);
        }
        ByteBuf buffer = allocator.directBuffer(size, size);
        for (byte[] message : messages) {
            FrameLayout.write(buffer, FrameLayout.opcode(message), message);
        }
        return new SharedFrames(buffer);
    }

    /** Encoded frames that many connections write. Each writes a duplicate, because a partial write moves the reader index. */
    public static final class SharedFrames implements Shared {
        private final ByteBuf plain;

        /** The compressed frames, made for the first client that negotiated compression. */
        private @Nullable ByteBuf compressed;

        /** The range of other frames that these are; null if these own their buffers. */
        private final @Nullable Range range;

        private int holders = 1;

        private record Range(SharedFrames whole, int from, int to) {
            ByteBuf of(ByteBuf frames) {
                return FrameLayout.range(frames, from, to);
            }
        }

        SharedFrames(ByteBuf plain) {
            this.plain = plain;
            this.range = null;
        }

        private SharedFrames(Range range) {
            this.plain = range.of(range.whole.plain);
            this.range = range;
        }

        /** A duplicate of the frames for one connection, which releases it. */
        public ByteBuf frames(Optional<MessageDeflater> deflation) {
            return (deflation.isPresent() && isWorthCompressing() ? compressedOrPlain(deflation.get()) : plain)
                    .retainedDuplicate();
        }

        /** The compressed frames, or the plain ones if there is no memory for others. */
        private ByteBuf compressedOrPlain(MessageDeflater deflation) {
            try {
                return compressed(deflation);
            } catch (OutOfMemoryError e) {
                return plain;
            }
        }

        /** Whether the frames are large enough to shrink; one small message, the usual case, needs no second buffer. */
        private boolean isWorthCompressing() {
            return range == null
                    ? plain.readableBytes() >= MessageDeflater.LEAST_BYTES
                    : range.whole.isWorthCompressing();
        }

        private ByteBuf compressed(MessageDeflater deflation) {
            ByteBuf frames = compressed;
            if (frames == null) {
                frames = range == null ? deflation.frames(plain) : range.of(range.whole.compressed(deflation));
                compressed = frames;
            }
            return frames;
        }

        /** The size without compression, so that a waiting message counts the same when it is added and when it is removed. */
        @Override
        public int bytes() {
            return plain.readableBytes();
        }

        @Override
        public SharedFrames range(int from, int to) {
            retain();
            return new SharedFrames(new Range(this, from, to));
        }

        @Override
        public void retain() {
            holders++;
        }

        @Override
        public void release() {
            if (--holders > 0) {
                return;
            }
            if (range != null) {
                range.whole.release();
                return;
            }
            plain.release();
            if (compressed != null) {
                compressed.release();
            }
        }
    }
}
