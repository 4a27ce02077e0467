package io.heliodor.transport.io;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Netty's I/O backends, in the order of preference. */
public enum IoBackend {
    /** Linux io_uring; forbidden by the default profile of some container engines. */
    IO_URING,
    /** Linux epoll. */
    EPOLL,
    /** The JDK's selectors, on every platform. */
    NIO;

    /**
     * The size of the completion queue, 16 bytes for each entry. A broadcast to all connections of a loop needs an entry for
     * each; an overflow is slower, and logs a warning for each turn of the loop.
     */
    private static final int COMPLETION_QUEUE = 1 << 15;

    /** The level and the name of a socket option of Linux, whose first byte is the state of the connection. */
    private static final int IPPROTO_TCP = 6;

    private static final int TCP_INFO = 11;

    /** A state of the kernel's tcp_states.h. */
    private static final int TCP_CLOSE = 7;

    private static final String MULTISHOT_ACCEPT = "io.netty.iouring.acceptMultiShotEnabled";

    private static @Nullable Throwable ioUringUnavailability() {
        // Netty 4.2.18 repeats a multishot accept that fails for lack of descriptors without a pause, and ignores
        // auto-read: it uses a whole core until a descriptor is free. A single accept obeys auto-read.
        if (System.getProperty(MULTISHOT_ACCEPT) == null) {
            System.setProperty(MULTISHOT_ACCEPT, "false");
        }
        return IoUring.unavailabilityCause();
    }

    /**
     * The first backend that works on this machine.
     *
     * @return the backend
     */
    public static IoBackend best() {
        for (IoBackend backend : values()) {
            if (backend.unavailability() == null) {
                return backend;
            }
        }
        return NIO;
    }

    /**
     * Checks that this backend works on this machine.
     *
     * @throws UnsupportedOperationException if it does not; the message has the reason
     */
    public void check() {
        Throwable cause = unavailability();
        if (cause != null) {
            throw new UnsupportedOperationException(
                    "Transport " + this + " does not work on this machine (" + cause.getMessage()
                            + "); without a choice the best one that does is taken.",
                    cause);
        }
    }

    /** Whether the kernel has reset a connection of io_uring. False for other backends, which detect a reset themselves. */
    public static boolean isReset(Channel channel) {
        return channel instanceof IoUringSocketChannel open
                && open.isActive()
                && open.fd() instanceof Socket socket
                && state(socket) == TCP_CLOSE;
    }

    /** The state of a connection in the kernel. {@code IoUringSocketChannel.tcpInfo()} is newer than the oldest supported Netty. */
    private static int state(Socket socket) {
        ByteBuffer state = ByteBuffer.allocate(1);
        try {
            socket.getRawOpt(IPPROTO_TCP, TCP_INFO, state);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return state.get(0);
    }

    /** The reason why this backend does not work on this machine; null if it does. */
    @Nullable
    Throwable unavailability() {
        return switch (this) {
            case IO_URING -> ioUringUnavailability();
            case EPOLL -> Epoll.unavailabilityCause();
            case NIO -> null;
        };
    }

    public IoHandlerFactory handler() {
        return switch (this) {
            case IO_URING -> IoUringIoHandler.newFactory(new IoUringIoHandlerConfig().setCqSize(COMPLETION_QUEUE));
            case EPOLL -> EpollIoHandler.newFactory();
            case NIO -> NioIoHandler.newFactory();
        };
    }

    public Class<? extends ServerChannel> channel() {
        return switch (this) {
            case IO_URING -> IoUringServerSocketChannel.class;
            case EPOLL -> EpollServerSocketChannel.class;
            case NIO -> NioServerSocketChannel.class;
        };
    }
}
