package io.heliodor.endpoint;

import io.heliodor.transport.Io;

/** How an endpoint does I/O. Without a choice it takes the first of these that works on the machine. */
public enum Transport {
    /** Linux io_uring: the fastest; forbidden by the default profile of some container engines. */
    IO_URING(Io.IO_URING),
    /** Linux epoll. */
    EPOLL(Io.EPOLL),
    /** The JDK's own selectors: everywhere. */
    NIO(Io.NIO);

    private final Io io;

    Transport(Io io) {
        this.io = io;
    }

    Io io() {
        return io;
    }
}
