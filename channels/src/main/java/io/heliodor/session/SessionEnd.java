package io.heliodor.session;

import io.heliodor.channel.LeaveReason;
import io.heliodor.event.CloseCode;
import io.heliodor.session.channel.ChannelTable;
import io.heliodor.session.telemetry.Counter;
import java.util.stream.Stream;

/**
 * The reasons for which the server ends a session: what the client gets, what is counted, and what becomes of the messages that wait
 * in its channels.
 */
@SuppressWarnings("ImmutableEnumChecker") // the reasons for channels are records without content
public enum SessionEnd {
    /** The time is over for which the client was accepted. */
    EXPIRED(Counter.CLOSED_EXPIRED, CloseCode.POLICY_VIOLATION, "expired"),
    /** The client was silent. */
    IDLE(Counter.CLOSED_IDLE, CloseCode.GOING_AWAY, "idle", new LeaveReason.HeartbeatTimeout()),
    /** A client of long polling that polls no more. */
    INACTIVE(Counter.CLOSED_IDLE, CloseCode.GOING_AWAY, "inactive", new LeaveReason.HeartbeatTimeout()),
    /** A message of the client arrives too slowly. */
    MESSAGE_TOO_SLOW(Counter.CLOSED_IDLE, CloseCode.GOING_AWAY, "message too slow", new LeaveReason.HeartbeatTimeout()),
    /** A message of the client is too large. */
    MESSAGE_TOO_LARGE(Counter.CLOSED_TOO_LARGE, CloseCode.TOO_LARGE, "message too large"),
    /** A text of the client is not UTF-8. */
    NOT_UTF8(Counter.CLOSED_PROTOCOL, CloseCode.INVALID_DATA, "text is not UTF-8"),
    /** The client broke the WebSocket protocol in another way. */
    BREACH(Counter.CLOSED_PROTOCOL, CloseCode.PROTOCOL_ERROR, "breach of the protocol"),
    /** Too many messages of the client were not frames. */
    MALFORMED(Counter.CLOSED_MALFORMED, CloseCode.MALFORMED_FRAMES, "malformed frames"),
    /** Too much of the client was over a rate. */
    OVER_RATE(Counter.CLOSED_RATE, CloseCode.RATE_EXCEEDED, "too much over the rate"),
    /** The client sent too many pings. */
    TOO_MANY_PINGS(Counter.CLOSED_PINGS, CloseCode.RATE_EXCEEDED, "too many pings"),
    /** The client does not read. */
    SLOW(Counter.CLOSED_SLOW, CloseCode.SLOW_CONSUMER, "slow reader"),
    /** The client was not read for too long, since its handlers do not keep up. */
    MAILBOX_FULL(Counter.CLOSED_MAILBOX_FULL, CloseCode.POLICY_VIOLATION, "mailbox full", ChannelTable.End.INTERRUPTED),

    /** All clients together hold too much memory, and this one most of it. */
    OVERLOADED(Counter.CLOSED_OVERLOADED, CloseCode.OVERLOADED, "overloaded", ChannelTable.End.INTERRUPTED),
    /** No buffer could be allocated for the client. */
    NO_MEMORY(Counter.CLOSED_OVERLOADED, CloseCode.OVERLOADED, "overloaded", ChannelTable.End.NOW),
    /** A fault of the server. */
    FAULT(Counter.CLOSED_FAULT, CloseCode.INTERNAL_ERROR, "internal error", ChannelTable.End.NOW),

    /** By the application. */
    DISCONNECTED(Counter.CLOSED_DISCONNECTED, CloseCode.GOING_AWAY, "disconnected by the server", ChannelTable.End.NOW),
    /** By the application, with a last event. */
    KICKED(Counter.CLOSED_KICKED, CloseCode.FORBIDDEN, "kicked by the server", ChannelTable.End.NOW),

    /** After the upgrade: the client has no valid token. */
    UNAUTHENTICATED(Counter.CLOSED_REFUSED, CloseCode.UNAUTHENTICATED, "refused"),
    /** After the upgrade: the client is not permitted. */
    FORBIDDEN(Counter.CLOSED_REFUSED, CloseCode.FORBIDDEN, "refused"),
    /** After the upgrade: the server cannot accept the client now. */
    UNAVAILABLE(Counter.CLOSED_REFUSED, CloseCode.UNAVAILABLE, "refused"),

    /** The server stops, and has handled what the client sent. */
    DRAINED(Counter.CLOSED_DRAINING, CloseCode.GOING_AWAY, "the server shuts down", new LeaveReason.Draining()),
    /** The server stops, and the time for the client is over. */
    DRAIN_OVER(
            Counter.CLOSED_DRAINING,
            CloseCode.GOING_AWAY,
            "the server shuts down",
            new LeaveReason.Draining(),
            ChannelTable.End.INTERRUPTED);

    private final Counter counter;
    private final CloseCode code;
    private final String reason;
    private final LeaveReason why;
    private final ChannelTable.End waiting;

    SessionEnd(Counter counter, CloseCode code, String reason) {
        this(counter, code, reason, new LeaveReason.Closed());
    }

    SessionEnd(Counter counter, CloseCode code, String reason, ChannelTable.End waiting) {
        this(counter, code, reason, new LeaveReason.Closed(), waiting);
    }

    SessionEnd(Counter counter, CloseCode code, String reason, LeaveReason why) {
        this(counter, code, reason, why, ChannelTable.End.AFTER_MESSAGES);
    }

    SessionEnd(Counter counter, CloseCode code, String reason, LeaveReason why, ChannelTable.End waiting) {
        this.counter = counter;
        this.code = code;
        this.reason = reason;
        this.why = why;
        this.waiting = waiting;
    }

    /** The end of a client that was refused with a status of HTTP. */
    static SessionEnd refused(int status) {
        return switch (status) {
            case 401 -> UNAUTHENTICATED;
            case 429 -> UNAVAILABLE;
            default -> status >= 500 ? UNAVAILABLE : FORBIDDEN;
        };
    }

    /**
     * The end of a client that broke the WebSocket protocol.
     *
     * @param code the close code that the protocol demands
     * @return the end with that code; {@link #BREACH} for another one
     */
    public static SessionEnd breach(CloseCode code) {
        return Stream.of(MESSAGE_TOO_LARGE, NOT_UTF8)
                .filter(each -> each.code == code)
                .findFirst()
                .orElse(BREACH);
    }

    Counter counter() {
        return counter;
    }

    CloseCode code() {
        return code;
    }

    /** For people. */
    String reason() {
        return reason;
    }

    /** The reason for its channels. */
    LeaveReason why() {
        return why;
    }

    /** Whether the messages that wait in its channels are handled. */
    ChannelTable.End waiting() {
        return waiting;
    }
}
