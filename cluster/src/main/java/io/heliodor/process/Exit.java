package io.heliodor.process;

import java.util.Objects;

/** Why a process has ended, or counts as ended. */
public sealed interface Exit {
    /** Its body returned, or its end was requested. */
    record Normal() implements Exit {}

    /**
     * Its body threw.
     *
     * @param message the class and the message of the exception, up to 1 000 characters; never a stack trace
     */
    record Failed(String message) implements Exit {
        /** Checks that no value is null. */
        public Failed {
            Objects.requireNonNull(message, "message");
        }
    }

    /** There was no such process: it has ended before, or never was. */
    record NoProcess() implements Exit {}

    /**
     * Its node cannot be reached: it has left the view, or the session to it has ended. The process may live on.
     *
     * @param node the name of its node
     */
    record NoConnection(String node) implements Exit {
        /** Checks that no value is null. */
        public NoConnection {
            Objects.requireNonNull(node, "node");
        }
    }
}
