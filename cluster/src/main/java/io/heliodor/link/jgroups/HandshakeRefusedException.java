package io.heliodor.link.jgroups;

import java.io.IOException;

/** Somebody is there, and does not want us or is not whom we want. */
final class HandshakeRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    HandshakeRefusedException(String reason) {
        super(reason);
    }

    HandshakeRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
