package io.heliodor.node;

/** A node did not start, since another program listens on its port. */
public final class PortInUseException extends StartException {
    private static final long serialVersionUID = 1L;

    PortInUseException(String message) {
        super(Problem.PORT_IN_USE, message);
    }
}
