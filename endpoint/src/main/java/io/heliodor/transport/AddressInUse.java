package io.heliodor.transport;

import java.net.BindException;

/** Thrown when another program listens on an address. */
public final class AddressInUse extends BindException {
    private static final long serialVersionUID = 1L;

    /** The address. */
    private final String host;

    /** The port. */
    private final int port;

    AddressInUse(String host, int port, Exception cause) {
        super(String.valueOf(cause.getMessage()));
        initCause(cause);
        this.host = host;
        this.port = port;
    }

    /**
     * The host of the address.
     *
     * @return a name or an address
     */
    public String host() {
        return host;
    }

    /**
     * The port.
     *
     * @return its number
     */
    public int port() {
        return port;
    }
}
