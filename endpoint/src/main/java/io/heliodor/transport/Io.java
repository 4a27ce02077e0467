package io.heliodor.transport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;

/** The ways to do I/O that Netty offers, best first. */
public enum Io {
    /** Linux io_uring; forbidden by the default profile of some container engines. */
    IO_URING {
        @Override
        boolean available() {
            return IoUring.isAvailable();
        }

        @Override
        IoHandlerFactory handler() {
            return IoUringIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> channel() {
            return IoUringServerSocketChannel.class;
        }
    },
    /** Linux epoll. */
    EPOLL {
        @Override
        boolean available() {
            return Epoll.isAvailable();
        }

        @Override
        IoHandlerFactory handler() {
            return EpollIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> channel() {
            return EpollServerSocketChannel.class;
        }
    },
    /** The JDK's own selectors; everywhere. */
    NIO {
        @Override
        boolean available() {
            return true;
        }

        @Override
        IoHandlerFactory handler() {
            return NioIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> channel() {
            return NioServerSocketChannel.class;
        }
    };

    /**
     * The best way that works on this machine.
     *
     * @return the way
     */
    public static Io best() {
        for (Io io : values()) {
            if (io.available()) {
                return io;
            }
        }
        return NIO;
    }

    abstract boolean available();

    abstract IoHandlerFactory handler();

    abstract Class<? extends ServerChannel> channel();
}
