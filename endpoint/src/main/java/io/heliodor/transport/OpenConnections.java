package io.heliodor.transport;

import io.heliodor.session.budget.MemoryBudget;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The open connections of one port, and the heap that each is counted with. All of them share one listener: a second one on a
 * connection would cost it three objects. Any thread.
 */
final class OpenConnections {
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final MemoryBudget memory;
    private final int bytes;
    private final ChannelFutureListener closed;

    /**
     * No connections.
     *
     * @param memory counts their heap
     * @param bytes the heap of each
     */
    OpenConnections(MemoryBudget memory, int bytes) {
        this.memory = memory;
        this.bytes = bytes;
        this.closed = ended -> remove(ended.channel());
    }

    /** Adds a connection until it is closed. */
    void add(Channel channel) {
        memory.add(bytes);
        open.add(channel);
        channel.closeFuture().addListener(closed);
    }

    private void remove(Channel channel) {
        open.remove(channel);
        memory.add(-bytes);
    }

    void forEach(Consumer<Channel> action) {
        open.forEach(action);
    }

    /**
     * Waits until those that are open now are closed. Not on an event loop.
     *
     * @param deadline when to stop waiting, by {@link System#nanoTime}
     */
    void awaitClosed(long deadline) {
        for (Channel channel : open) {
            channel.closeFuture().awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }
}
