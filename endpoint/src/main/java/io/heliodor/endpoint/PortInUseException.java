package io.heliodor.endpoint;

import java.io.UncheckedIOException;
import java.net.BindException;

/** Thrown when an endpoint cannot start because another program listens on its port. */
public final class PortInUseException extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    /** The port. */
    private final int port;

    PortInUseException(String host, int port, BindException cause) {
        super(
                "Port " + port + " is in use on " + host
                        + "; stop the program that has it, or choose another port, or 0 for a free one.",
                cause);
        this.port = port;
    }

    /**
     * The port that is in use.
     *
     * @return its number
     */
    public int port() {
        return port;
    }
}
