package io.heliodor.dashboard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.inspect.Inspectable;
import io.heliodor.inspect.TraceTarget;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The traces of this node. A thread exists, and endpoints note frames, while a trace does. Any thread but an event loop may use it. */
final class Traces {
    private static final Duration CHECK = Duration.ofSeconds(1);

    private final PubSub pubsub;
    private final TraceLimits limits;
    private final ShownPayloads shown;
    private final LongSupplier clock;

    /** Running and ended ones, by their ids. */
    @GuardedBy("this")
    private final Map<String, Trace> traces = new HashMap<>();

    @GuardedBy("this")
    private boolean checking;

    @GuardedBy("this")
    private boolean closed;

    /** One trace, with its subscriptions at the endpoints of the node. */
    private record Trace(TraceTarget target, FrameLog log, Map<Inspectable, Subscription> subscriptions) {
        /** Subscribes to endpoints that are new. */
        void observe(List<Inspectable> endpoints) {
            endpoints.forEach(each -> subscriptions.computeIfAbsent(each, endpoint -> endpoint.trace(target, log)));
        }

        void stop() {
            subscriptions.values().forEach(Subscription::close);
        }
    }

    Traces(PubSub pubsub, TraceLimits limits, ShownPayloads shown, LongSupplier clock) {
        this.pubsub = pubsub;
        this.limits = limits;
        this.shown = shown;
        this.clock = clock;
    }

    /**
     * Begins a trace, unless it has begun.
     *
     * @return whether the node has it; false if there are too many
     */
    synchronized boolean begin(String id, TraceTarget target) {
        check();
        if (traces.containsKey(id)) {
            return true;
        }
        if (closed || traces.size() >= limits.traces()) {
            return false;
        }
        Trace trace = new Trace(target, new FrameLog(limits, shown, clock), new HashMap<>());
        traces.put(id, trace);
        trace.observe(Inspectable.over(pubsub));
        if (!checking) {
            checking = true;
            Thread.ofVirtual().name("heliodor-dashboard-traces").start(this::checkUntilNone);
        }
        return true;
    }

    /** The frames of a trace after a number. */
    synchronized FrameReport read(String id, int after, int maxBytes) {
        Trace trace = traces.get(id);
        if (trace == null) {
            return FrameReport.unknown();
        }
        FrameReport report = trace.log().read(after, maxBytes);
        if (report.ended().isEmpty()) {
            trace.observe(Inspectable.over(pubsub));
        }
        check();
        return report;
    }

    /** Ends and forgets a trace. */
    synchronized void end(String id) {
        Trace trace = traces.remove(id);
        if (trace != null) {
            trace.stop();
        }
    }

    /** Whether there is a trace, or the thread for traces. */
    synchronized boolean isRunning() {
        return checking;
    }

    /** Ends and forgets all, and begins none any more. */
    synchronized void close() {
        closed = true;
        traces.values().forEach(Trace::stop);
        traces.clear();
    }

    /** Stops those that have ended, and forgets those that no page reads. */
    private synchronized void check() {
        traces.values().stream().filter(trace -> trace.log().endIfDue()).forEach(Trace::stop);
        traces.values().removeIf(trace -> trace.log().isUnread());
    }

    private void checkUntilNone() {
        try {
            do {
                Thread.sleep(CHECK);
                check();
            } while (!isOver());
        } catch (InterruptedException e) {
            close();
        }
    }

    /** Whether the thread ends, since all traces have ended and are forgotten. */
    private synchronized boolean isOver() {
        checking = !traces.isEmpty();
        return !checking;
    }
}
