package io.heliodor.session;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Lines about handlers that clients can cause as often as they like. Any thread may use it. */
final class HandlerLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");

    private final BoundedLog expected;

    HandlerLog(LongSupplier clock) {
        this.expected = new BoundedLog(LOG, "expected exceptions of handlers", clock);
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

    private static void line(Level level, String correlation, String topic, String handler, Exception thrown) {
        LOG.atLevel(level)
                .addKeyValue(LogContext.KEY, correlation)
                .log("Channel {}: {} threw {}, an expected exception.", topic, handler, thrown.toString());
    }
}
