package io.heliodor.link.jgroups;

import java.util.Locale;

/** Why a wire did not start or did not connect. */
public final class WireException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The kinds of reasons. */
    public enum Code {
        /** The cookie is missing or too weak for where the node listens. */
        BAD_COOKIE,
        /** Somebody answered who has another cookie or belongs to another cluster. */
        REFUSED,
        /** Another program listens at the address. */
        PORT_IN_USE,
        /** The address to listen at is not an address of this machine. */
        BAD_ADDRESS,
        /** A node of that name is alive already. */
        NAME_TAKEN,
        /** Nobody answers at that address. */
        UNREACHABLE,
        /** Somebody answered, but did not become a member in time. */
        TIMEOUT
    }

    /** Which kind of reason. */
    private final Code code;

    WireException(Code code, String message) {
        super(message);
        this.code = code;
    }

    WireException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /**
     * Which kind of reason.
     *
     * @return the kind
     */
    public Code code() {
        return code;
    }

    /**
     * The kind as a word, as programs print it.
     *
     * @return such as {@code port_in_use}
     */
    public String word() {
        return code.name().toLowerCase(Locale.ROOT);
    }
}
