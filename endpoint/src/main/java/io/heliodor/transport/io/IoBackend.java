package io.heliodor.transport.io;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import org.jspecify.annotations.Nullable;

/** The ways to do I/O that Netty offers, best first. */
public enum IoBackend {
    /** Linux io_uring; forbidden by the default profile of some container engines. */
    IO_URING {
        @Override
        @Nullable
        Throwable obstacle() {
            // An accept of many at once that fails for want of descriptors is repeated by Netty 4.2.18 without a pause,
            // whatever auto-read says: a core is burnt until a descriptor is free. One at a time stops when told to.
            if (System.getProperty(MANY_AT_ONCE) == null) {
                System.setProperty(MANY_AT_ONCE, "false");
            }
            return IoUring.unavailabilityCause();
        }

        @Override
        public IoHandlerFactory handler() {
            return IoUringIoHandler.newFactory(new IoUringIoHandlerConfig().setCqSize(COMPLETIONS));
        }

        @Override
        public Class<? extends ServerChannel> channel() {
            return IoUringServerSocketChannel.class;
        }
    },
    /** Linux epoll. */
    EPOLL {
        @Override
        @Nullable
        Throwable obstacle() {
            return Epoll.unavailabilityCause();
        }

        @Override
        public IoHandlerFactory handler() {
            return EpollIoHandler.newFactory();
        }

        @Override
        public Class<? extends ServerChannel> channel() {
            return EpollServerSocketChannel.class;
        }
    },
    /** The JDK's own selectors; everywhere. */
    NIO {
        @Override
        @Nullable
        Throwable obstacle() {
            return null;
        }

        @Override
        public IoHandlerFactory handler() {
            return NioIoHandler.newFactory();
        }

        @Override
        public Class<? extends ServerChannel> channel() {
            return NioServerSocketChannel.class;
        }
    };

    /**
     * The room for what io_uring has done: 16 bytes each. One broadcast to all connections of a loop fills as many places,
     * and what finds none takes a slower way, with a warning for each turn.
     */
    private static final int COMPLETIONS = 1 << 15;

    /** A state of the kernel's tcp_states.h. */
    private static final int TCP_CLOSE = 7;

    private static final String MANY_AT_ONCE = "io.netty.iouring.acceptMultiShotEnabled";

    /**
     * The best way that works on this machine.
     *
     * @return the way
     */
    public static IoBackend best() {
        for (IoBackend io : values()) {
            if (io.obstacle() == null) {
                return io;
            }
        }
        return NIO;
    }

    /**
     * Throws if it does not work on this machine.
     *
     * @throws UnsupportedOperationException if it does not, with the reason
     */
    public void check() {
        Throwable obstacle = obstacle();
        if (obstacle != null) {
            throw new UnsupportedOperationException(
                    "Transport " + this + " does not work on this machine (" + obstacle.getMessage()
                            + "); without a choice the best one that does is taken.",
                    obstacle);
        }
    }

    /** Whether the kernel has ended a connection of io_uring; false for those of other ways, which notice it themselves. */
    public static boolean isReset(Channel channel) {
        return channel instanceof IoUringSocketChannel socket
                && socket.isActive()
                && socket.tcpInfo().state() == TCP_CLOSE;
    }

    /** Why it does not work on this machine, if it does not. */
    abstract @Nullable Throwable obstacle();

    public abstract IoHandlerFactory handler();

    public abstract Class<? extends ServerChannel> channel();
}
