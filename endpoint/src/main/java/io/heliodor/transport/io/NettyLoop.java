package io.heliodor.transport.io;

import io.heliodor.session.Loop;
import io.heliodor.transport.frame.Compression;
import io.heliodor.transport.frame.Frames;
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
 * An event loop, as a lane sees it.
 *
 * @param loop the loop
 * @param allocator for its buffers
 * @param compression what its connections compress with, if they may
 */
public record NettyLoop(EventLoop loop, ByteBufAllocator allocator, Optional<Compression> compression) implements Loop {
    @Override
    public boolean inEventLoop() {
        return loop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            ended(e);
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // it is not cancelled, and what it throws is logged by the loop
    public void schedule(Runnable task, long nanos) {
        try {
            loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            ended(e);
        }
    }

    @Override
    public void afterTasks(Runnable task) {
        afterTasks(loop).execute(task);
    }

    /** Runs tasks of a loop before its next I/O. */
    public static Executor afterTasks(EventLoop loop) {
        return loop instanceof SingleThreadEventLoop own
                ? own::executeAfterEventLoopIteration
                : loop; // that of an embedded channel, which has no I/O
    }

    /** A handler may outlive the server; what it still says has nobody to go to. */
    private void ended(RejectedExecutionException e) {
        if (!loop.isShuttingDown()) {
            throw e;
        }
    }

    @Override
    public Shared share(List<byte[]> messages) {
        int size = 0;
        for (byte[] message : messages) {
            size += Frames.size(message.length);
        }
        ByteBuf buffer = allocator.directBuffer(size, size);
        for (byte[] message : messages) {
            Frames.write(buffer, Frames.opcode(message), message);
        }
        return new SharedFrames(buffer);
    }

    /** Finished frames: each connection writes a duplicate, since a partial write moves its reader index. */
    public static final class SharedFrames implements Shared {
        private final ByteBuf plain;

        /** The same for clients that take compressed messages; made for the first of them. */
        private @Nullable ByteBuf compressed;

        /** The frames that these are a range of; null if these own their buffers. */
        private final @Nullable Range range;

        private int holders = 1;

        private record Range(SharedFrames whole, int from, int to) {
            ByteBuf of(ByteBuf frames) {
                return Frames.range(frames, from, to);
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

        /** The frames for one connection, which releases them. */
        public ByteBuf frames(Optional<MessageDeflater> deflation) {
            return (deflation.isPresent() && gains() ? compressedOrPlain(deflation.get()) : plain).retainedDuplicate();
        }

        /** The plain frames if there is no memory for compressed ones. */
        private ByteBuf compressedOrPlain(MessageDeflater deflation) {
            try {
                return compressed(deflation);
            } catch (OutOfMemoryError e) {
                return plain;
            }
        }

        /** Whether compression may gain anything; one small message, the usual case, needs no second buffer. */
        private boolean gains() {
            return range == null ? plain.readableBytes() >= MessageDeflater.LEAST_BYTES : range.whole.gains();
        }

        private ByteBuf compressed(MessageDeflater deflation) {
            ByteBuf frames = compressed;
            if (frames == null) {
                frames = range == null ? deflation.frames(plain) : range.of(range.whole.compressed(deflation));
                compressed = frames;
            }
            return frames;
        }

        /** As they are without compression: what waits must count the same when it comes and when it goes. */
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
