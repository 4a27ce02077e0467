package io.heliodor.transport.frame;

import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;

/**
 * What an event loop compresses with, for all its connections together: about 300 KiB outside of the heap, and
 * up to the largest message on it.
 *
 * @param deflation for what goes out
 * @param inflation for what comes in
 */
public record Compression(MessageDeflater deflation, MessageInflater inflation) implements AutoCloseable {
    /** For a loop, and closed with it: behind the last that the loop does, however it is stopped. */
    public static Compression of(EventLoop loop, Executor afterTasks) {
        Compression compression = new Compression(new MessageDeflater(afterTasks), new MessageInflater());
        loop.terminationFuture().addListener(ended -> compression.close());
        return compression;
    }

    @Override
    public void close() {
        deflation.close();
        inflation.close();
    }
}
