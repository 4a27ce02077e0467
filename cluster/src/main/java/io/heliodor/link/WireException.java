package io.heliodor.link;

/** Thrown when a {@link Wire} cannot start, or cannot connect to a node. */
public final class WireException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The kinds of reasons. */
    public enum Code {
        /** The cookie is missing, or too weak for the address at which the node listens. */
        BAD_COOKIE,
        /** A node with another cookie or of another cluster answered. */
        REFUSED,
        /** Another program listens at the address. */
        PORT_IN_USE,
        /** The address to listen at is not an address of this machine. */
        BAD_ADDRESS,
        /** A node of this name is alive already. */
        NAME_TAKEN,
        /** No node answers at the address. */
        UNREACHABLE,
        /** A node answered, but did not become a member in time. */
        TIMEOUT
    }

    /** The kind of reason. */
    private final Code code;

    /**
     * An exception.
     *
     * @param code the kind of reason
     * @param message the reason
     */
    public WireException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /**
     * An exception.
     *
     * @param code the kind of reason
     * @param message the reason
     * @param cause the cause
     */
    public WireException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /**
     * The kind of reason.
     *
     * @return the kind
     */
    public Code code() {
        return code;
    }
}
