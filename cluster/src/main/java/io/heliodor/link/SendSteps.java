package io.heliodor.link;

import io.heliodor.log.FailureLog;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps in which packets of one kind are sent to a peer: one at a time, from a wake-up until none is left. Thread-safe. */
final class SendSteps {
    private static final Logger log = LoggerFactory.getLogger("io.heliodor.link.SessionLink");

    private final Peer peer;
    private final FailureLog failures = new FailureLog(log, System::nanoTime);
    private final StepExecutor executor;
    private final BooleanSupplier sendNext;
    private final BooleanSupplier sendable;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean ended;

    /**
     * No steps yet.
     *
     * @param sendNext sends the next packet; returns false if there is none
     * @param sendable whether there is one
     */
    SendSteps(Peer peer, StepExecutor executor, BooleanSupplier sendNext, BooleanSupplier sendable) {
        this.peer = peer;
        this.executor = executor;
        this.sendNext = sendNext;
        this.sendable = sendable;
    }

    /** Whether a step will run. */
    boolean isScheduled() {
        return scheduled.get();
    }

    /** Schedules steps unless they are scheduled. */
    void wake() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            executor.run(peer, this::step);
        }
    }

    private boolean step() {
        if (ended) {
            return false; // still scheduled, so that no step is scheduled again
        }
        try {
            if (sendNext.getAsBoolean()) {
                return true;
            }
        } catch (RuntimeException e) {
            // The next wake-up tries again. Otherwise the peer would get no packet any more.
            failures.error("A step that sends to " + peer, e, () -> "has failed.");
            scheduled.set(false);
            return false;
        }
        scheduled.set(false);
        // A thread that added a packet since then may have found the steps still scheduled.
        if (sendable.getAsBoolean()) {
            wake();
        }
        return false;
    }

    /** Whether all packets that can be sent have been sent. */
    boolean isQuiescent() {
        return ended || !scheduled.get();
    }

    /** Schedules no step any more. */
    void end() {
        ended = true;
    }
}
