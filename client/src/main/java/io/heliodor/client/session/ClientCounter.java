package io.heliodor.client.session;

/** The counters of a client. */
public enum ClientCounter {
    /** Connections that were established. */
    CONNECTIONS,
    /** Attempts that failed before the connection was established. */
    FAILED_ATTEMPTS,
    /** Connections that were closed because no frame followed a heartbeat. */
    SILENT_CONNECTIONS,
    /** Frames received. */
    FRAMES_RECEIVED,
    /** Frames sent. */
    FRAMES_SENT,
    /** Messages of the server that were not frames of the protocol. */
    MALFORMED_FRAMES,
    /** Messages of the server that were larger than the client takes. */
    OVERSIZED_MESSAGES,
    /** Frames of memberships that have ended, and kept messages during a join, which come again. */
    STALE_FRAMES,
    /** Joins that were refused or not answered in time. */
    FAILED_JOINS,
    /** Gaps in histories, and oversized messages of joined channels. */
    GAPS,
    /** Pushes that were not accepted. */
    REJECTED_PUSHES,
    /** Pushes that were accepted and dropped: they waited too long for a join, or their channel ended. */
    DROPPED_PUSHES,
    /** Calls that were not accepted. */
    REJECTED_CALLS,
    /** Requests of calls with a key that were sent again. */
    REPEATED_CALLS,
    /** Payloads that do not fit the type of their callback or call. */
    INVALID_PAYLOADS,
    /** Exceptions of callbacks. */
    FAILED_CALLBACKS,
    /** Times that reading was paused, because callbacks did not keep up. */
    PAUSES
}
