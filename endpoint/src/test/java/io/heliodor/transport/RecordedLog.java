package io.heliodor.transport;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** The logging back end of these tests: keeps every line of Heliodor, and warnings and errors of Netty. */
public final class RecordedLog implements SLF4JServiceProvider {
    private static final Queue<Line> LINES = new ConcurrentLinkedQueue<>();

    /** Whether lines go to the standard error as well: {@code -Dheliodor.log=err}. */
    private static final boolean PRINTS = "err".equals(System.getProperty("heliodor.log"));

    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter mdc = new BasicMDCAdapter();

    /** A logged line; of an exception and its causes only the text, which retains no objects. */
    public record Line(Level level, String logger, String text) {}

    /** The lines since the last {@link #clear}. */
    public static List<Line> lines() {
        return List.copyOf(LINES);
    }

    /** The lines of a level that contain a text. */
    public static List<Line> lines(Level level, String part) {
        return LINES.stream()
                .filter(line -> line.level() == level && line.text().contains(part))
                .toList();
    }

    public static void clear() {
        LINES.clear();
    }

    @Override
    public void initialize() {}

    @Override
    public ILoggerFactory getLoggerFactory() {
        return Recorder::new;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return mdc;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    private static final class Recorder extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1;

        Recorder(String name) {
            this.name = name;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
            StringBuilder text = new StringBuilder(MessageFormatter.basicArrayFormat(pattern, arguments));
            for (Throwable each = thrown; each != null; each = each.getCause()) {
                text.append(' ').append(each);
            }
            LINES.add(new Line(level, name, text.toString()));
            if (PRINTS) {
                System.err.println(level + " " + name + " " + text);
            }
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return null;
        }

        private boolean ours() {
            return name.startsWith("io.heliodor");
        }

        @Override
        public boolean isTraceEnabled() {
            return ours();
        }

        @Override
        public boolean isDebugEnabled() {
            return ours();
        }

        @Override
        public boolean isInfoEnabled() {
            return ours();
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }
    }
}
