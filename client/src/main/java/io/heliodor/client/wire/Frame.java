package io.heliodor.client.wire;

import org.jspecify.annotations.Nullable;

/**
 * A frame of the server.
 *
 * @param joinRef the reference of the join of its membership; null for a broadcast
 * @param ref the reference of the request for a reply, or the token of a history; null for others
 * @param topic the topic
 * @param event the event
 * @param status the status of a reply; null if the event is not {@code phx_reply}
 * @param payload the payload; for a reply its response
 */
public record Frame(
        @Nullable String joinRef,
        @Nullable String ref,
        String topic,
        String event,
        @Nullable String status,
        Payload payload)
        implements Decoded {
    /** The event of replies. */
    public static final String REPLY = "phx_reply";

    /** The reason of the error in place of a reply that is larger than the client takes. */
    public static final String REPLY_TOO_LARGE = "reply_too_large";

    /** The topic of the connection itself. */
    public static final String CONNECTION = "phoenix";

    /**
     * The token of a history that the frame has.
     *
     * @return the token; null if there is none
     */
    public @Nullable String token() {
        return status == null && ref != null && ref.startsWith("@") ? ref : null;
    }
}
