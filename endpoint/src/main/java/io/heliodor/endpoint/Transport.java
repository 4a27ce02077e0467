package io.heliodor.endpoint;

import io.heliodor.transport.io.IoBackend;

/** The I/O backend of an endpoint. By default an endpoint takes the first of these that works on the machine. */
public enum Transport {
    /** Linux io_uring: the fastest; forbidden by the default profile of some container engines. */
    IO_URING(IoBackend.IO_URING),
    /** Linux epoll. */
    EPOLL(IoBackend.EPOLL),
    /** The JDK's selectors, on every platform. */
    NIO(IoBackend.NIO);

    private final IoBackend io;

    Transport(IoBackend io) {
        this.io = io;
    }

    IoBackend io() {
        return io;
    }
}
