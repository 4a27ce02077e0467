package io.heliodor.session.channel;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Socket;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.session.fanout.Undeclared;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.type.text.EscapedException;
import io.heliodor.type.text.Nearest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The log about handlers, with a rate for lines that clients can cause. Any thread may use it. */
public final class HandlerLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");

    /** Later events of an endpoint write no line: no program has so many. */
    private static final int MAX_EVENTS_WITH_NULLS = 1_000;

    /** Later ones write no line: names of events may be computed. */
    private static final int MAX_UNDECLARED = 1_000;

    /** Later ones write no line: clients choose these names. A counter has all of them. */
    private static final int MAX_UNHANDLED = 100;

    private static final int MAX_SHOWN = 100;

    private final FailureLog failures;
    private final Set<String> eventsWithNulls = ConcurrentHashMap.newKeySet();
    private final Set<String> unhandled = ConcurrentHashMap.newKeySet();
    private final Set<String> undeclared = ConcurrentHashMap.newKeySet();
    private final BoundedLog expected;
    private final BoundedLog hanging;
    private final BoundedLog timedOut;
    private final BoundedLog overrun;
    private final BoundedLog unsent;
    private final BoundedLog unavailable;

    public HandlerLog(LongSupplier clock) {
        this.failures = new FailureLog(LOG, clock);
        this.expected = new BoundedLog(LOG, "expected exceptions of handlers", clock);
        this.hanging = new BoundedLog(LOG, "handlers that do not return", clock);
        this.timedOut = new BoundedLog(LOG, "handlers that ran for longer than their timeout", clock);
        this.overrun = new BoundedLog(LOG, "channels that do not keep up with their intercepts", clock);
        this.unsent = new BoundedLog(LOG, "deferred replies that were never sent", clock);
        this.unavailable = new BoundedLog(LOG, "tokens that onRefresh handlers refused as unavailable", clock);
    }

    /** A payload has a null that could not be read back; a line for each event. */
    public void unreadableNull(String event, Class<?> type, String property) {
        if (eventsWithNulls.size() < MAX_EVENTS_WITH_NULLS && eventsWithNulls.add(event)) {
            LOG.warn(
                    "The payload of '{}' has null as '{}' of {}, which would be refused if it were read. It is sent; declare '{}' as"
                            + " Optional or @Nullable, or give a value. This is logged once for each event.",
                    event,
                    property,
                    type.getName(),
                    property);
        }
    }

    /**
     * User code of a channel failed, in a way that a client may cause as often as it likes.
     *
     * @param failure computes the text of the line: the topic and the part that failed
     */
    public void failed(String correlation, String topic, Throwable cause, Supplier<String> failure) {
        failures.write(
                "Channel " + ControlCharacters.escaped(topic),
                cause,
                () -> LogContext.traced(
                        FailureTrace.take(cause),
                        () -> LOG.atError()
                                .addKeyValue(LogContext.KEY, correlation)
                                .setCause(EscapedException.of(cause))
                                .log(failure.get())));
    }

    /** The log about what user code of channels threw. */
    FailureLog failures() {
        return failures;
    }

    /** A message is sent without being declared; a line for each sender and name. */
    public void undeclared(Undeclared message) {
        if (undeclared.size() < MAX_UNDECLARED
                && undeclared.add(message.sender() + " " + ControlCharacters.escaped(message.message()))) {
            LOG.warn("{} This is logged once.", ControlCharacters.escaped(message.text()));
        }
    }

    /** A client sent an event that its channel does not handle; a line for each channel and name, for the first names only. */
    void unhandled(String pattern, String event, Set<String> handled) {
        if (unhandled.size() < MAX_UNHANDLED && unhandled.add(pattern + " " + event)) {
            LOG.warn(
                    "Channel {} has no handler for the event '{}' of a client.{} This is logged once for each name.",
                    pattern,
                    ControlCharacters.escaped(shown(event)),
                    Nearest.of(event, handled)
                            .map(meant -> " Did you mean '" + meant + "'?")
                            .orElse(""));
        }
    }

    private static String shown(String event) {
        return event.length() <= MAX_SHOWN ? event : event.substring(0, MAX_SHOWN) + "...";
    }

    /** A handler of an event or message threw an exception that is a refusal. */
    void expected(String correlation, String topic, String handler, Exception thrown) {
        expected.write(() -> line(Level.WARN, correlation, topic, handler, thrown));
    }

    /** The same if the refusal is a reply that the client waits for. */
    void refused(String correlation, String topic, String handler, Exception thrown) {
        if (LOG.isDebugEnabled()) {
            line(Level.DEBUG, correlation, topic, handler, thrown);
        }
    }

    /** A handler has not returned for seconds. */
    void hanging(Socket<?> socket, String topic, String handler, long nanos, StackTraceElement[] stack) {
        Throwable place = new Throwable("the stack of its thread");
        place.setStackTrace(stack);
        hanging.write(() -> LOG.atWarn()
                .addKeyValue(LogContext.KEY, socket.correlationId())
                .setCause(place)
                .log(
                        "Channel {} of client {}: {} has run for {} s; the other messages of the channel wait.",
                        ControlCharacters.escaped(topic),
                        ControlCharacters.escaped(socket.id().orElse("-")),
                        handler,
                        nanos / 1_000_000_000));
    }

    /** A handler has run for longer than its timeout, and its channel ends. */
    void timedOut(Socket<?> socket, String topic, String handler, Duration timeout) {
        timedOut.write(() -> LOG.atError()
                .addKeyValue(LogContext.KEY, socket.correlationId())
                .log(
                        "Channel {} ends: {} has run for longer than its timeout of {}.",
                        ControlCharacters.escaped(topic),
                        handler,
                        timeout));
    }

    /** A channel ends because its intercepts do not keep up. */
    void overrun(Socket<?> socket, String topic, String event, String running) {
        overrun.write(() -> LOG.atWarn()
                .addKeyValue(LogContext.KEY, socket.correlationId())
                .log(
                        "Channel {} does not keep up with its intercepted broadcasts of '{}', while {} runs; it ends.",
                        ControlCharacters.escaped(topic),
                        event,
                        running));
    }

    /** A handler of fresh tokens refused one because of a fault of the server, such as keys that it cannot fetch. */
    public void unavailable(String correlation, ConnectOutcome.Refused<?> refused) {
        unavailable.write(() -> LOG.atWarn()
                .addKeyValue(LogContext.KEY, correlation)
                .log(
                        "The onRefresh handler refused a token with status {}: {}",
                        refused.status(),
                        ControlCharacters.escaped(refused.cause().orElse(refused.text()))));
    }

    /** The reply to a call can never be sent. */
    void unsent(String correlation, String topic, String call) {
        unsent.write(() -> LOG.atWarn()
                .addKeyValue(LogContext.KEY, correlation)
                .log(
                        "Channel {}: the deferred reply to the call '{}' was never sent, and nothing refers to it any more;"
                                + " its client waits until it gives up.",
                        ControlCharacters.escaped(topic),
                        call));
    }

    private static void line(Level level, String correlation, String topic, String handler, Exception thrown) {
        LOG.atLevel(level)
                .addKeyValue(LogContext.KEY, correlation)
                .log(
                        "Channel {}: {} threw {}, an expected exception.",
                        ControlCharacters.escaped(topic),
                        handler,
                        ControlCharacters.escaped(thrown.toString()));
    }
}
