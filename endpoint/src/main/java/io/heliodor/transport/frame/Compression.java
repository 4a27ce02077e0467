package io.heliodor.transport.frame;

import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;

/**
 * The deflater and inflater that all connections of one event loop share: about 300 KiB outside of the heap, and up to the
 * largest message on it.
 *
 * @param deflation for outgoing messages
 * @param inflation for incoming messages
 */
public record Compression(MessageDeflater deflation, MessageInflater inflation) implements AutoCloseable {
    /** Creates the compressors of a loop, which are closed after the loop's last task. */
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
