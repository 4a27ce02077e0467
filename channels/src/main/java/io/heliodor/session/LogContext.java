package io.heliodor.session;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.MDC;
import org.slf4j.helpers.NOPMDCAdapter;

/**
 * The id that tells which lines of the log belong to one connection. While an application's callbacks run it stands in the
 * logging context (SLF4J's {@code MDC}); a back end without one costs nothing.
 */
public final class LogContext {
    /** The key, as the cluster has it. */
    public static final String KEY = "correlationId";

    private static final boolean KEPT = !(MDC.getMDCAdapter() instanceof NOPMDCAdapter);

    private LogContext() {}

    /**
     * Whether the logging back end keeps a context.
     *
     * @return whether {@link #enter} does anything
     */
    public static boolean kept() {
        return KEPT;
    }

    /**
     * The thread does something for a connection from now on.
     *
     * @param id the id of the connection
     */
    public static void enter(String id) {
        if (KEPT) {
            MDC.put(KEY, id);
        }
    }

    /** It does nothing for a connection any more. */
    public static void leave() {
        if (KEPT) {
            MDC.remove(KEY);
        }
    }

    /**
     * An id for a connection whose client gave none.
     *
     * @return 64 random bits as 16 hexadecimal digits: it tells connections apart, and protects nothing
     */
    public static String fresh() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
