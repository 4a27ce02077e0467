package io.heliodor.transport;

import io.heliodor.session.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** An event loop, as a lane sees it. */
record NettyLoop(EventLoop loop, ByteBufAllocator allocator) implements Loop {
    @Override
    public boolean inside() {
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
    record SharedFrames(ByteBuf buffer) implements Shared {
        @Override
        public int bytes() {
            return buffer.readableBytes();
        }

        @Override
        public void retain() {
            buffer.retain();
        }

        @Override
        public void release() {
            buffer.release();
        }
    }
}
