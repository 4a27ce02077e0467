package io.heliodor.link.jgroups;

import java.io.IOException;

/** Somebody is there, and does not want us or is not whom we want. */
final class Refusal extends IOException {
    private static final long serialVersionUID = 1L;

    Refusal(String reason) {
        super(reason);
    }

    Refusal(String reason, Throwable cause) {
        super(reason, cause);
    }
}
