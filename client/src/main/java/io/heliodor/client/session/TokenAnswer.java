package io.heliodor.client.session;

import io.heliodor.client.wire.Payload;

/** The result of a refresh of the token. */
public sealed interface TokenAnswer {
    /** Accepted: the connection has the identity of the token. */
    record Accepted() implements TokenAnswer {}

    /**
     * Refused: the connection keeps its identity.
     *
     * @param error the response
     */
    record Refused(Payload error) implements TokenAnswer {}

    /**
     * Not sent, or without a reply.
     *
     * @param cause the cause
     */
    record Failed(String cause) implements TokenAnswer {}
}
