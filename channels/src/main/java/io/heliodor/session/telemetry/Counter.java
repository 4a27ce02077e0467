package io.heliodor.session.telemetry;

import io.heliodor.observe.Metric;
import java.util.Locale;
import java.util.Optional;

/**
 * The counters of an endpoint. The name of a counter gives its metric, and the text is the description of that.
 */
public enum Counter {
    CONNECTIONS(Metric.Kind.GAUGE, "Connections open now."),
    CONNECTIONS_OPENED("Connections opened since the start."),
    CHANNELS(Metric.Kind.GAUGE, "Channels joined or joining now."),
    MAILBOX_MESSAGES(Metric.Kind.GAUGE, "Messages that wait now for handlers."),
    FRAMES_IN("Frames of clients that were read."),
    FRAMES_MALFORMED("Messages of clients that were not frames."),
    FRAMES_STALE("Frames of an earlier join, ignored."),
    EVENTS_UNHANDLED("Events without a handler."),
    BINARY_SKIPPED("Binary payloads for clients whose version or transport supports only text; they do not get them."),
    PUSH_COUNTS_CUT("Results of pushes to an id without the counts of some nodes, because too many counts waited."),
    CALLS_ONCE_REPEATED("Repeats of calls that are executed once, replied with the kept answer."),
    CALLS_ONCE_UNKNOWN("Repeats of calls that are executed once, whose node left before its answer was copied."),
    CALLS_ONCE_ALONE("Calls that are executed once, whose key no second node kept when their handler began."),
    CALLS_ONCE_REFUSED("Calls that are executed once, refused because of a limit of their keys."),
    CALLS_ONCE_UNAVAILABLE(
            "Calls that are executed once, refused because a node that may have their key did not respond."),
    CALLS_ONCE_CUT("Answers to calls that are executed once, too large to be kept."),
    CALLS_ONCE_TAKEN(
            "Times that the id with most calls that are executed once gave up answers or keys for another id."),
    HISTORIES_DROPPED("Histories dropped or cut at their shared limit."),
    HISTORY_MISSED("Runs of messages that a history missed, because no node keeps them any more."),
    HISTORY_EVICTED("Messages dropped while they waited for earlier ones of a history; kept ones are fetched again."),
    HISTORY_TOKENS_TOO_LONG("Kept messages whose token is too long: clients that have it recover nothing."),
    HISTORY_STREAMS_FORGOTTEN(
            "Ended logs of histories that were forgotten early: clients that have messages of them may recover nothing."),
    HISTORY_COPIES_REFUSED("Copies of histories that other nodes requested for topics without members here, refused."),
    HISTORY_POSITIONS_UNKNOWN(
            "Joins with a state whose position this node does not know: they get what was kept since they began."),
    HISTORY_AHEAD_REFUSED(
            "Members that recovered nothing, because too many others of their topic had messages that this node lacked."),
    PAYLOADS_INVALID("Payloads that did not match their type, or are beyond a limit of JSON."),
    JOINS_ACCEPTED("Joins accepted."),
    JOINS_REFUSED("Joins refused, by a rule or a handler."),
    JOINS_OVERLOADED("Joins refused because memory is short."),
    MESSAGES_OVERLOADED("Messages whose payload would take too much memory when it is decoded, refused."),
    READS_PAUSED("Times that the reading of a connection stopped because of the memory that it held."),
    JOINS_UNREAD("Joins refused because kept messages of earlier joins wait for their clients."),
    JOINS_OVERRUN("Joins refused because too much was broadcast while their handlers ran."),
    JOINS_OVER_RATE("Joins over a rate of their connection, refused."),
    MESSAGES_OVER_RATE("Messages and heartbeats over the rate of their connection, refused or dropped."),
    CHANNEL_MESSAGES_OVER_RATE("Messages over the rate of their channel, refused or dropped."),
    REFRESHES("Fresh tokens of connections, accepted."),
    REFRESHES_REFUSED("Fresh tokens of connections, refused by a rule or the handler."),
    CHANNELS_UNAUTHORIZED("Channels that ended because their client had lost its right."),
    CHANNELS_FAILED("Channels that ended because a handler threw."),
    EXCEPTIONS_EXPECTED("Exceptions of handlers that were declared as expected."),
    HANDLERS_TIMED_OUT("Handlers that ran for longer than the timeout of their channel."),
    DEFERRED_UNSENT("Deferred replies that can never be sent, since nothing refers to them."),
    MESSAGES_UNDECLARED(
            "Messages that their channel or socket sent without having declared them, or to a topic that no channel serves."),
    WRITES_AFTER_END("Output of a channel after its end, dropped."),
    MESSAGES_DROPPED("Messages of the server side that found a mailbox full, dropped."),
    MESSAGES_DISCARDED("Messages that waited for a channel which ended before they were handled, dropped."),
    OBSERVATIONS_DROPPED("Observations dropped for slow observers."),
    AUDIT_LEFT_OUT("Audit events that the log left out, because there were too many."),
    SLOW_DROPPED("Events that were dropped for a lagging client, by the policy of their channel."),
    SLOW_REPLACED("Events that a later one of their key replaced for a lagging client."),
    CLOSED_SLOW("Connections closed because the client did not read (4408)."),
    CLOSED_IDLE("Connections closed because the client was silent, or sent a message too slowly (1001)."),
    CLOSED_EXPIRED("Connections closed because the time was over for which they were accepted (1008)."),
    CLOSED_MAILBOX_FULL("Connections closed because a mailbox stayed full (1008)."),
    CLOSED_MALFORMED("Connections closed for malformed frames (4400)."),
    CLOSED_OVERLOADED("Connections closed because memory was short and they held most of it (1013)."),
    CLOSED_PINGS("Connections closed for too many pings (4429)."),
    CLOSED_RATE("Connections closed for too many joins or messages over a rate (4429)."),
    CLOSED_TOO_LARGE("Connections closed because a message was too large (1009)."),
    CLOSED_PROTOCOL("Connections closed for a breach of the WebSocket protocol (1002, 1007)."),
    CLOSED_CLIENT("Connections that the client closed, or that broke."),
    CLOSED_DISCONNECTED("Connections closed by the application (1001)."),
    CLOSED_KICKED("Connections closed by the application with a last event (4403)."),
    CLOSED_REFUSED("Connections closed after their client was refused (4401, 4403, 4503)."),
    CLOSED_DRAINING("Connections closed because the server stops (1001)."),
    CLOSED_FAULT("Connections closed for a fault of the server (1011)."),
    POLLS_FORWARDED("Polls and posts of clients here whose session is at another endpoint, forwarded there."),
    REFUSED_HOST("Requests refused for a host that is not served (403)."),
    REFUSED_ORIGIN("Requests to a socket refused for a foreign origin (403)."),
    REFUSED_VERSION("Handshakes refused for an unknown version of the wire (403)."),
    REFUSED_CONNECT("Handshakes refused by the connect callback."),
    REFUSED_OVERLOADED("Handshakes refused because memory is short (503)."),
    REFUSED_SLOW_HANDSHAKE("Handshakes that took too long."),
    REFUSED_CONNECTIONS("Handshakes refused because there are too many connections (503)."),
    REFUSED_CONNECTIONS_OF_ADDRESS("Handshakes refused because there are too many connections of their address (429)."),
    REFUSED_HANDSHAKES(
            "Connections closed because too many of their address are at handshakes or other requests of HTTP."),
    REFUSED_PROXY_HEADER(
            "Connections closed because they did not begin with a good PROXY header of a trusted address."),
    REFUSED_TLS("Connections closed because TLS failed."),
    CERTIFICATES_FAILED("New certificates that could not be used; those before stay."),
    ACCEPTS_FAILED("Connections that could not be accepted: no file descriptor was left, as a rule."),
    LOOPS_STALLED("Times that an event loop did not turn for a second, or ended; the log has its stack, or its end."),
    REFUSED_REQUEST("Other requests that were refused: bad ones, unknown paths.");

    private final Metric.Kind kind;
    private final String description;

    Counter(String description) {
        this(Metric.Kind.COUNTER, description);
    }

    Counter(Metric.Kind kind, String description) {
        this.kind = kind;
        this.description = description;
    }

    Metric.Kind kind() {
        return kind;
    }

    String description() {
        return description;
    }

    private String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The name of its metric. Closes share one, and so do refusals.
     *
     * @return {@code heliodor.frames.in} for {@code FRAMES_IN}
     */
    public String metric() {
        return "heliodor."
                + switch (family()) {
                    case "closed" -> "connections.closed";
                    case "refused" -> "requests.refused";
                    default -> lowerCase().replace('_', '.');
                };
    }

    /**
     * The reason of a close or a refusal.
     *
     * @return {@code slow} for {@code CLOSED_SLOW}; empty for a counter with a metric of its own
     */
    public Optional<String> reason() {
        return switch (family()) {
            case "closed", "refused" -> Optional.of(lowerCase().substring(family().length() + 1));
            default -> Optional.empty();
        };
    }

    private String family() {
        return lowerCase().substring(0, Math.max(0, lowerCase().indexOf('_')));
    }
}
