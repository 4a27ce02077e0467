package io.heliodor.event;

import java.util.Optional;

/**
 * The reasons for which the server closes a connection, as codes of WebSocket. phoenix.js connects again after each of them; a page
 * should call {@code socket.disconnect()} after one that {@linkplain #isFinal() is final}.
 *
 * <p>A browser reports 1006 if the connection broke, or the server refused it: then a page should connect again. Clients that poll
 * receive no code.
 */
public enum CloseCode {
    /** 1001: disconnected by the application, silent for the idle time, or the server stops. */
    GOING_AWAY(1001, false),
    /** 1002: the client broke the WebSocket protocol. */
    PROTOCOL_ERROR(1002, true),
    /** 1007: text that is not UTF-8, or compressed data that cannot be read. */
    INVALID_DATA(1007, true),
    /** 1008: the time is over for which the connection was accepted, or its handlers did not return. */
    POLICY_VIOLATION(1008, false),
    /** 1009: a message was too large. */
    TOO_LARGE(1009, false),
    /** 1011: a fault of the server. */
    INTERNAL_ERROR(1011, false),
    /** 1013: the server is short of memory. */
    OVERLOADED(1013, false),
    /** 4400: too many messages were not frames of the Phoenix protocol. */
    MALFORMED_FRAMES(4400, true),
    /** 4401: refused with status 401 after the upgrade. A client connects again when it has another token. */
    UNAUTHENTICATED(4401, true),
    /** 4403: kicked by the application after a last event, or refused after the upgrade. */
    FORBIDDEN(4403, true),
    /** 4408: the client did not read what was sent to it. */
    SLOW_CONSUMER(4408, false),
    /** 4429: too many pings, or too many refused messages and joins. */
    RATE_EXCEEDED(4429, true),
    /** 4503: refused after the upgrade with status 429 or one of 500 to 599. */
    UNAVAILABLE(4503, false);

    private final int code;
    private final boolean last;

    CloseCode(int code, boolean last) {
        this.code = code;
        this.last = last;
    }

    /**
     * The code in the close frame.
     *
     * @return 1001 to 4503
     */
    public int code() {
        return code;
    }

    /**
     * Whether a client should not connect again by itself: it would be refused, or closed for the same again.
     *
     * @return false if the client may come back
     */
    public boolean isFinal() {
        return last;
    }

    /**
     * The reason of a code.
     *
     * @param code of a close frame
     * @return empty for a code that the server does not send
     */
    public static Optional<CloseCode> of(int code) {
        for (CloseCode each : values()) {
            if (each.code == code) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }
}
