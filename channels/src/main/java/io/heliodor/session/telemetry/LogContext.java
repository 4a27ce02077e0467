package io.heliodor.session.telemetry;

import io.heliodor.pubsub.Correlation;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.MDC;
import org.slf4j.helpers.NOPMDCAdapter;

/**
 * The id that the log lines of one connection share. While an application's callbacks run it stands in the
 * logging context (SLF4J's {@code MDC}); a back end without one costs nothing.
 */
public final class LogContext {
    /** The key, as the cluster has it. */
    public static final String KEY = "correlationId";

    /** The keys of a trace, as tracers have them. */
    private static final String TRACE_KEY = "traceId";

    private static final String SPAN_KEY = "spanId";

    /** Version, trace, span, flags. */
    private static final int TRACE_PARTS = 4;

    private static final String[] NO_IDS = {};

    private static final boolean SUPPORTED = !(MDC.getMDCAdapter() instanceof NOPMDCAdapter);

    private LogContext() {}

    /**
     * Whether the logging back end keeps a context.
     *
     * @return whether {@link #enter} does anything
     */
    public static boolean isSupported() {
        return SUPPORTED;
    }

    /**
     * The thread does something for a connection from now on.
     *
     * @param id the id of the connection
     */
    public static void enter(String id) {
        if (SUPPORTED) {
            MDC.put(KEY, id);
        }
    }

    /** It does nothing for a connection any more. */
    public static void leave() {
        if (SUPPORTED) {
            MDC.remove(KEY);
        }
    }

    /**
     * Writes a line that has the ids of a trace in the logging context, unless a tracer has put its own there.
     *
     * @param trace the trace; empty for none
     * @param line writes the line
     */
    public static void traced(Optional<Correlation.Trace> trace, Runnable line) {
        String[] ids = trace.map(each -> each.parent().split("-", -1)).orElse(NO_IDS);
        if (ids.length != TRACE_PARTS || MDC.get(TRACE_KEY) != null) {
            line.run();
            return;
        }
        try (MDC.MDCCloseable _ = MDC.putCloseable(TRACE_KEY, ids[1]);
                MDC.MDCCloseable _ = MDC.putCloseable(SPAN_KEY, ids[2])) {
            line.run();
        }
    }

    /**
     * An id for a connection whose client gave none.
     *
     * @return 64 random bits as 16 hexadecimal digits: it distinguishes connections and is not a secret
     */
    public static String newId() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
