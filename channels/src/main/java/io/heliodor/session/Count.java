package io.heliodor.session;

/** What an endpoint counts. */
public enum Count {
    /** Connections open now. */
    CONNECTIONS,
    /** Channels joined or joining now. */
    CHANNELS,
    /** Frames of clients that were read. */
    FRAMES_IN,
    /** Messages of clients that were no frames. */
    FRAMES_MALFORMED,
    /** Frames of an earlier join, ignored. */
    FRAMES_STALE,
    /** Events that no handler knew. */
    EVENTS_UNHANDLED,
    /** Binary payloads for clients whose version or transport knows only text; they do not get them. */
    BINARY_SKIPPED,
    /** Histories that were given up or cut for the bound that all of them share. */
    HISTORIES_DROPPED,
    /** Payloads that did not fit. */
    PAYLOADS_INVALID,
    /** Joins refused by a rule or a handler. */
    JOINS_REFUSED,
    /** Channels that ended because a handler threw. */
    CHANNELS_FAILED,
    /** What was written to a channel after its end, dropped. */
    WRITES_AFTER_END,
    /** Messages of the server side that found a mailbox full, dropped. */
    MESSAGES_DROPPED,
    /** Messages of the server side that no handler knew, dropped. */
    MESSAGES_UNHANDLED,
    /** Connections closed because the client did not read (4408). */
    CLOSED_SLOW,
    /** Connections closed because the client was silent (1001). */
    CLOSED_IDLE,
    /** Connections closed because a mailbox stayed full (1008). */
    CLOSED_MAILBOX_FULL,
    /** Connections closed for malformed frames (4400). */
    CLOSED_MALFORMED,
    /** Connections closed for too many pings (4429). */
    CLOSED_PINGS,
    /** Connections closed because a message was too large (1009). */
    CLOSED_TOO_LARGE,
    /** Connections closed for a breach of the WebSocket protocol (1002, 1007). */
    CLOSED_PROTOCOL,
    /** Handshakes refused for a foreign origin (403). */
    REFUSED_ORIGIN,
    /** Handshakes refused for an unknown version of the wire (403). */
    REFUSED_VERSION,
    /** Handshakes refused by the connect callback. */
    REFUSED_CONNECT,
    /** Handshakes that took too long. */
    REFUSED_SLOW_HANDSHAKE,
    /** Connections that could not be accepted: no file descriptor was left, as a rule. */
    ACCEPTS_FAILED,
    /** Other requests that were refused: bad ones, unknown paths. */
    REFUSED_REQUEST
}
