package io.heliodor.link.jgroups.socket;

import java.io.IOException;

/** Thrown when a node is reached, but one of the two ends refuses the connection. */
final class HandshakeRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    HandshakeRefusedException(String reason) {
        super(reason);
    }

    HandshakeRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
