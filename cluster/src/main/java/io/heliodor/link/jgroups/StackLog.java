package io.heliodor.link.jgroups;

import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jgroups.logging.LogFactory;
import org.jgroups.logging.Slf4jLogImpl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of the protocols of a stack. JGroups writes notices of normal operation as information and warnings, in its own
 * terms. They are logged at level debug, under {@code io.heliodor.link.jgroups.stack}: the wire and the node log the same
 * events in terms of users. An error of JGroups becomes a warning.
 *
 * <p>The protocols ask JGroups' factory for their logs when they are created, and have no other way to get one. So the
 * factory is replaced for the thread that builds a stack, until it is built.
 */
final class StackLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.link.jgroups.stack");

    private final @Nullable CustomLogFactory former;

    private StackLog(@Nullable CustomLogFactory former) {
        this.former = former;
    }

    /** Replaces the factory for this thread, until {@link #close}. Another stack waits meanwhile. */
    static StackLog install() {
        Factory.BUILDING.lock();
        CustomLogFactory former = LogFactory.getCustomLogFactory();
        LogFactory.setCustomLogFactory(new Factory(Thread.currentThread(), former));
        return new StackLog(former);
    }

    @Override
    public void close() {
        LogFactory.setCustomLogFactory(former);
        Factory.BUILDING.unlock();
    }

    private record Factory(Thread builder, @Nullable CustomLogFactory former) implements CustomLogFactory {
        static final ReentrantLock BUILDING = new ReentrantLock();

        @Override
        public Log getLog(Class<?> type) {
            if (Thread.currentThread().equals(builder)) {
                return new Quiet();
            }
            return former == null ? new Slf4jLogImpl(type) : former.getLog(type);
        }

        @Override
        public Log getLog(String category) {
            if (Thread.currentThread().equals(builder)) {
                return new Quiet();
            }
            return former == null ? new Slf4jLogImpl(category) : former.getLog(category);
        }
    }

    /** Lowers the levels. */
    private static final class Quiet extends Slf4jLogImpl {
        Quiet() {
            super(Locale.ROOT, LOG);
        }

        @Override
        public boolean isWarnEnabled() {
            return isDebugEnabled();
        }

        @Override
        public boolean isInfoEnabled() {
            return isDebugEnabled();
        }

        @Override
        public void info(String text) {
            debug(text);
        }

        @Override
        public void info(String format, Object... values) {
            warn(format, values);
        }

        @Override
        public void warn(String text) {
            debug(text);
        }

        @Override
        public void warn(String format, Object... values) {
            if (isDebugEnabled()) {
                debug(format, values);
            }
        }

        @Override
        public void warn(String text, Throwable cause) {
            debug(text, cause);
        }

        @Override
        public void error(String text) {
            super.warn(text);
        }

        @Override
        public void error(String format, Object... values) {
            super.warn(format, values);
        }

        @Override
        public void error(String text, Throwable cause) {
            super.warn(text, cause);
        }
    }
}
