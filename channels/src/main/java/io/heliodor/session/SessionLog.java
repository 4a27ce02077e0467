package io.heliodor.session;

import io.heliodor.channel.Socket;
import io.heliodor.log.BoundedLog;
import io.heliodor.session.channel.ChannelTable;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** The log about sessions that the server ends, with a rate, since clients can cause its lines. Any thread may use it. */
final class SessionLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    /** For a fault of the client, or because memory is short. */
    private final BoundedLog closings;

    private final BoundedLog faults;

    /** For faults of clients: each kind has a rate of its own, so that a flood of one hides no other. */
    private final Map<SessionEnd, BoundedLog> breaches = new EnumMap<>(SessionEnd.class);

    SessionLog(LongSupplier clock) {
        this.closings = new BoundedLog(LOG, "closed connections", clock);
        this.faults = new BoundedLog(LOG, "faults of the server", clock);
        for (SessionEnd end : SessionEnd.values()) {
            breaches.put(end, new BoundedLog(LOG, "closed connections (" + end.reason() + ")", clock));
        }
    }

    /** The client does not read. */
    void slow(Socket<?> client, String reason) {
        closings.write(() -> line(LOG.atWarn(), client)
                .log("Client {} does not read ({}); its connection is closed with 4408.", name(client), reason));
    }

    /** The client sent what a limit or the protocol does not permit. */
    void breach(Socket<?> client, SessionEnd end, String reason) {
        Objects.requireNonNull(breaches.get(end))
                .write(() -> line(LOG.atWarn(), client)
                        .log(
                                "Client {} at {} is closed with {}: {}.",
                                name(client),
                                client.remoteAddress(),
                                end.code().code(),
                                reason));
    }

    /** The client was not read for too long. */
    void stuck(Socket<?> client, Duration timeout, Supplier<String> handlers) {
        closings.write(() -> line(LOG.atWarn(), client)
                .log(
                        "Client {} has not been read for {}, since its handlers do not keep up: {}. It is"
                                + " closed with 1008.",
                        name(client),
                        timeout,
                        handlers.get()));
    }

    /** All clients together hold too much memory, and this one, whose connection may be {@code cut}, most of it. */
    void overloaded(Socket<?> client, long held, long waiting, boolean cut) {
        closings.write(() -> line(LOG.atWarn(), client)
                .log(
                        "The endpoint is overloaded; client {} holds {} KiB of heap, and {} KiB wait for its socket."
                                + " {}.",
                        name(client),
                        held >> 10,
                        waiting >> 10,
                        cut ? "Its connection has ended, and its messages are dropped" : "It is closed with 1013"));
    }

    /** Messages of a closed session are dropped, since the memory is short. */
    void discardedForMemory(Socket<?> client, int messages) {
        closings.write(() -> line(LOG.atWarn(), client)
                .log(
                        "The endpoint is overloaded; {} messages of client {}, whose connection has ended, are"
                                + " dropped.",
                        messages,
                        name(client)));
    }

    /** Messages were not handled in time after {@code cause}; {@code unread} bytes were not decoded. */
    void discarded(Socket<?> client, String cause, ChannelTable.Discarded dropped, long unread) {
        closings.write(() -> line(LOG.atWarn(), client)
                .log(
                        "Client {} {} {} ago: {} messages that waited and {} bytes that were not decoded are"
                                + " dropped, and handlers are interrupted: {}.",
                        name(client),
                        cause,
                        ChannelTable.DRAIN_TIMEOUT,
                        dropped.messages(),
                        unread,
                        dropped.handlers().isEmpty() ? "none" : String.join(", ", dropped.handlers())));
    }

    /** No buffer could be allocated. */
    void noMemory(Socket<?> client, Throwable fault) {
        closings.write(() -> line(LOG.atWarn(), client)
                .setCause(EscapedException.of(fault))
                .log("No buffer could be allocated for client {}; it is closed with 1013.", name(client)));
    }

    /** A fault of the server. */
    void fault(Socket<?> client, Throwable fault) {
        faults.write(() -> line(LOG.atError(), client)
                .setCause(EscapedException.of(fault))
                .log(
                        "A fault of the server ends the connection of client {}, with 1011 if it was open.",
                        name(client)));
    }

    private static LoggingEventBuilder line(LoggingEventBuilder line, Socket<?> client) {
        return line.addKeyValue(LogContext.KEY, client.correlationId());
    }

    private static String name(Socket<?> client) {
        return client.id().map(ControlCharacters::escaped).orElse("-");
    }
}
