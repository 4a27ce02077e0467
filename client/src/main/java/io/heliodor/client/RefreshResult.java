package io.heliodor.client;

import java.util.Objects;

/** The result of a refresh of the token. Values are immutable. */
public sealed interface RefreshResult {
    /** Accepted: the open connection has the identity of the token. Channels that lacked a right join again. */
    record Accepted() implements RefreshResult {}

    /**
     * Refused: the connection keeps its identity until that ends.
     *
     * @param status the status of the refusal; 0 if it has none
     * @param reason its reason; {@code unmatched topic} from a server without a handler of fresh tokens
     */
    record Refused(int status, String reason) implements RefreshResult {
        /** Checks that no value is null. */
        public Refused {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * There is no open connection, it ended before the reply, no reply came in time, or the token supplier failed. The next connection
     * has a fresh token in any case.
     *
     * @param cause the cause
     */
    record Failed(String cause) implements RefreshResult {
        /** Checks that no value is null. */
        public Failed {
            Objects.requireNonNull(cause, "cause");
        }
    }
}
