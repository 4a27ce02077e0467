package io.heliodor.session.telemetry;

import java.util.HexFormat;
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
     * An id for a connection whose client gave none.
     *
     * @return 64 random bits as 16 hexadecimal digits: it distinguishes connections and is not a secret
     */
    public static String newId() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
