package io.heliodor.session.telemetry;

import io.heliodor.channel.HandlerName;
import io.heliodor.log.FailureLog;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.observe.Observation;
import io.heliodor.observe.Observer;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The observers of an endpoint. Any thread may use it, event loops too: each observer runs on a thread of its own.
 */
public final class Observers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.observe");

    /** The limit for the observations that wait for one observer. */
    private static final int MAX_WAITING = 1_024;

    private final Counters counters;
    private final AuditLog audit;
    private final FailureLog failures;
    private final List<QueuedObserver> observers = new CopyOnWriteArrayList<>();
    private final List<Timing> ofHandlers = new CopyOnWriteArrayList<>();

    public Observers(Counters counters, AuditLog audit, LongSupplier clock) {
        this.counters = counters;
        this.audit = audit;
        this.failures = new FailureLog(LOG, clock);
    }

    /**
     * The log of the events that an audit needs.
     *
     * @return always the same object
     */
    public AuditLog audit() {
        return audit;
    }

    /**
     * Adds an observer.
     *
     * @param observer called with what happens
     * @return its subscription
     */
    public Subscription add(Observer observer) {
        QueuedObserver queued = new QueuedObserver(observer);
        observers.add(queued);
        return queued;
    }

    /**
     * Adds an observer of handlers.
     *
     * @param observer called with what happens
     * @return its subscription
     */
    public Subscription add(HandlerObserver observer) {
        Timing timing = new Timing(observer);
        ofHandlers.add(timing);
        return () -> ofHandlers.remove(timing);
    }

    /**
     * Notifies the observers.
     *
     * @param observation makes the observation; not called without observers
     */
    public void happened(Supplier<Observation> observation) {
        if (!observers.isEmpty()) {
            Observation made = observation.get();
            observers.forEach(each -> each.offer(made));
        }
    }

    /**
     * Whether there are observers of handlers.
     *
     * @return whether to measure the time
     */
    public boolean timesHandlers() {
        return !ofHandlers.isEmpty();
    }

    /**
     * Notifies the observers of handlers that a handler returned.
     *
     * @param handler which
     * @param result its result
     * @param nanos how long it took
     */
    public void handled(HandlerName handler, HandlerObserver.Result result, long nanos) {
        Duration time = Duration.ofNanos(nanos);
        for (Timing timing : ofHandlers) {
            try {
                timing.observer.handled(handler, result, time);
            } catch (Throwable e) {
                failures.error("An observer of handlers", e, () -> "failed.");
            }
        }
    }

    /** Notifies no observer any more. */
    @Override
    public void close() {
        audit.close();
        ofHandlers.clear();
        observers.forEach(QueuedObserver::stop);
        observers.clear();
    }

    /** One addition of an observer of handlers; the same observer may be added twice. */
    private static final class Timing {
        final HandlerObserver observer;

        Timing(HandlerObserver observer) {
            this.observer = observer;
        }
    }

    /** One observer and the observations that wait for it. */
    private final class QueuedObserver implements Subscription {
        private final Observer observer;
        private final BlockingQueue<Observation> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
        private final Thread thread;
        private final LongAdder dropped = new LongAdder();
        private volatile boolean closed;

        QueuedObserver(Observer observer) {
            this.observer = observer;
            this.thread = Thread.ofVirtual().name("heliodor-observer").start(this::deliver);
        }

        /** The queue's lock is held for moments, and never while the observer runs. */
        void offer(Observation observation) {
            if (!closed && !waiting.offer(observation)) {
                dropped.increment();
                counters.increment(Counter.OBSERVATIONS_DROPPED);
            }
        }

        private void deliver() {
            while (!closed) {
                try {
                    observer.observed(waiting.take());
                } catch (InterruptedException e) {
                    // Closed, or else the observer's own doing.
                } catch (Throwable e) {
                    failures.error("An observer", e, () -> "failed.");
                }
            }
        }

        @Override
        public long dropped() {
            return dropped.sum();
        }

        @Override
        public void close() {
            observers.remove(this);
            stop();
        }

        private void stop() {
            closed = true;
            thread.interrupt();
        }
    }
}
