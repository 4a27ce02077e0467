package io.heliodor.endpoint;

import io.heliodor.transport.io.IoBackend;

/** How an endpoint does I/O. Without a choice it takes the first of these that works on the machine. */
public enum Transport {
    /** Linux io_uring: the fastest; forbidden by the default profile of some container engines. */
    IO_URING(IoBackend.IO_URING),
    /** Linux epoll. */
    EPOLL(IoBackend.EPOLL),
    /** The JDK's own selectors: everywhere. */
    NIO(IoBackend.NIO);

    private final IoBackend io;

    Transport(IoBackend io) {
        this.io = io;
    }

    IoBackend io() {
        return io;
    }
}
