package io.heliodor.client.status;

import java.util.Objects;

/** The state of the connection of a client. Values are immutable. */
public sealed interface ConnectionStatus {
    /** Not connected yet: nothing has joined, and {@code connect()} was not called. */
    record Idle() implements ConnectionStatus {}

    /** The first attempt to connect since {@code connect()} or the first join. */
    record Connecting() implements ConnectionStatus {}

    /** Connected. */
    record Open() implements ConnectionStatus {}

    /**
     * The connection was lost or not established. Further attempts follow.
     *
     * @param cause the cause, for logs
     */
    record Reconnecting(String cause) implements ConnectionStatus {
        /** Checks that no value is null. */
        public Reconnecting {
            Objects.requireNonNull(cause, "cause");
        }
    }

    /**
     * Refused for good. No attempt follows before {@code connect()}.
     *
     * @param status the status of the refusal, 400 to 499, and 401 after the close code 4401; 0 if the connection was closed with another final
     *     code
     * @param code that close code; 0 if there was none
     * @param reason the text of the refusal, or a text for logs; may be empty
     */
    record Refused(int status, int code, String reason) implements ConnectionStatus {
        /** Checks that no value is null. */
        public Refused {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * The client is closed.
     *
     * @param reason empty after {@code close()}; else the fault that closed it
     */
    record Closed(String reason) implements ConnectionStatus {
        /** Checks that no value is null. */
        public Closed {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
