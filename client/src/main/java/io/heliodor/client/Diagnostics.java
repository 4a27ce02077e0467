package io.heliodor.client;

import io.heliodor.client.json.UnreadablePayload;
import io.heliodor.client.session.ClientCounter;
import io.heliodor.client.session.CounterValues;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The log and the counters of faults. Any thread may use it. The log is the one of the JDK that Android has, too. */
final class Diagnostics {
    private static final Logger LOG = Logger.getLogger("io.heliodor.client");

    private final CounterValues counters;

    /** The events whose payloads did not fit, each of which is logged once. The application declares them. */
    private final Set<String> invalid = ConcurrentHashMap.newKeySet();

    Diagnostics(CounterValues counters) {
        this.counters = counters;
    }

    /** Runs a callback of the application. */
    @SuppressWarnings("CatchingThrowable") // all exceptions of the application are logged
    void run(String place, Runnable callback) {
        try {
            callback.run();
        } catch (Throwable e) {
            counters.increment(ClientCounter.FAILED_CALLBACKS);
            log(Level.SEVERE, "A callback of " + place + " threw.", e);
        }
    }

    void invalid(String event, UnreadablePayload problem) {
        counters.increment(ClientCounter.INVALID_PAYLOADS);
        if (invalid.add(event)) {
            log(
                    Level.WARNING,
                    "A payload of '" + event
                            + "' does not fit its type; it is dropped, and the next ones are counted only.",
                    problem);
        }
    }

    void warn(String fault) {
        log(Level.WARNING, fault, null);
    }

    void warn(String fault, Throwable cause) {
        log(Level.WARNING, fault, cause);
    }

    void error(String fault, Throwable cause) {
        log(Level.SEVERE, fault, cause);
    }

    /** On the loop, which a handler of the log must not end. */
    private static void log(Level level, String text, @Nullable Throwable cause) {
        try {
            LOG.log(level, text, cause);
        } catch (RuntimeException e) {
            // There is no place left to report it.
        }
    }
}
