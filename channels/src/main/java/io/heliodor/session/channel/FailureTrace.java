package io.heliodor.session.channel;

import io.heliodor.pubsub.Correlation;
import java.lang.ref.WeakReference;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The trace in which the last callback of a thread failed. A hook around the callback, such as its observation, may have opened a trace of
 * its own, and has closed it when the failure is logged. A thread keeps one trace at most, until its next failure is logged, and does not
 * keep the exception alive.
 */
final class FailureTrace {
    private static final ThreadLocal<@Nullable FailureTrace> LAST = new ThreadLocal<>();

    private final WeakReference<Throwable> thrown;
    private final Correlation.Trace trace;

    private FailureTrace(Throwable thrown, Correlation.Trace trace) {
        this.thrown = new WeakReference<>(thrown);
        this.trace = trace;
    }

    /** Keeps the present trace of this thread, if there is one, for what was thrown. */
    static void keep(Throwable thrown) {
        Correlation.trace().ifPresent(trace -> LAST.set(new FailureTrace(thrown, trace)));
    }

    /** Removes and returns the trace that was kept for what was thrown; the present one of this thread if there is none. */
    static Optional<Correlation.Trace> take(Throwable thrown) {
        FailureTrace last = LAST.get();
        LAST.remove();
        return last != null && last.thrown.refersTo(thrown) ? Optional.of(last.trace) : Correlation.trace();
    }
}
