package io.heliodor.node.election;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.election.Election;
import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One election, and the duty of this node in it. All state is guarded by the lock of this; no user code runs under it. */
public final class NodeElection implements Election {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.election");
    private static final long SECOND = 1_000_000_000L;
    private static final long MAX_BACKOFF = 30 * SECOND;
    private static final long WARN_AFTER = 10 * SECOND;
    private static final long RESUME_AFTER = 10 * SECOND;
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private final String name;
    private final Elections elections;

    @GuardedBy("this")
    private @Nullable Duty duty;

    /** The term in which this node leads; null if it does not. */
    private volatile @Nullable Term leading;

    /** The thread of the duty. */
    @GuardedBy("this")
    private @Nullable Thread running;

    /** When the duty was interrupted; 0 if it may run. */
    @GuardedBy("this")
    private long endingSince;

    /** When to interrupt it again, because it has not returned. */
    @GuardedBy("this")
    private long interruptAt;

    @GuardedBy("this")
    private boolean warned;

    /** When to campaign again after a failure; 0 if no campaign is due. */
    @GuardedBy("this")
    private long campaignAt;

    @GuardedBy("this")
    private long backoff = SECOND;

    @GuardedBy("this")
    private boolean suspended;

    @GuardedBy("this")
    private long suspendedAt;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private boolean resigned;

    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @GuardedBy("this")
    private long now;

    public NodeElection(String name, Elections elections) {
        this.name = name;
        this.elections = elections;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<Leader> leader() {
        return elections.leader(name);
    }

    @Override
    public boolean leading() {
        return leading != null;
    }

    @Override
    public synchronized Election whileLeading(Duty next) {
        Objects.requireNonNull(next, "duty");
        if (closed) {
            throw new IllegalStateException("Election \"" + name + "\" is closed. Get it from the node again.");
        }
        if (duty != null) {
            throw new IllegalStateException(
                    "This node is a candidate in election \"" + name + "\" already. Close it first.");
        }
        duty = next;
        elections.campaign(name);
        return this;
    }

    public synchronized void lead(Term term) {
        leading = term;
        suspended = false;
        begin();
    }

    public synchronized void depose(Term term) {
        if (term.equals(leading)) {
            leading = null;
            stop();
        }
    }

    public synchronized void suspend(long time) {
        now = time;
        suspended = true;
        suspendedAt = time;
        stop();
    }

    /** Starts the duty if this node leads and the previous run has returned. */
    @GuardedBy("this")
    private void begin() {
        Duty due = duty;
        Term term = leading;
        if (due == null || term == null || running != null || suspended || closed) {
            return;
        }
        endingSince = 0;
        warned = false;
        running = Thread.ofVirtual().name("duty " + name).start(() -> perform(due, term));
    }

    @GuardedBy("this")
    private void stop() {
        Thread thread = running;
        if (thread != null) {
            endingSince = now == 0 ? 1 : now;
            interruptAt = now + SECOND;
            thread.interrupt();
        }
    }

    private void perform(Duty due, Term term) {
        Throwable failure = null;
        try {
            due.run(term);
        } catch (Throwable thrown) {
            failure = thrown;
        }
        dutyReturned(term, failure);
    }

    private synchronized void dutyReturned(Term term, @Nullable Throwable failure) {
        running = null;
        // It may lead in this term again by now: a duty that was interrupted is neither done nor has it failed.
        boolean interrupted = endingSince != 0;
        endingSince = 0;
        if (term.equals(leading) && !interrupted && !suspended && !closed) {
            if (failure == null) {
                duty = null;
                backoff = SECOND;
            } else {
                LOG.atError()
                        .addKeyValue("election", name)
                        .addKeyValue("seconds", backoff / SECOND)
                        .setCause(EscapedException.of(failure))
                        .log(
                                "The duty of election {} failed. The node campaigns again after {} s.",
                                name,
                                backoff / SECOND);
                campaignAt = now + backoff;
                backoff = Math.min(2 * backoff, MAX_BACKOFF);
            }
            leading = null; // at once: otherwise the duty would start again before the lead is given up
            elections.resign(name);
        } else if (failure == null || failure instanceof InterruptedException) {
            backoff = SECOND;
        } else {
            LOG.atWarn()
                    .addKeyValue("election", name)
                    .setCause(EscapedException.of(failure))
                    .log("The duty of election {} failed after it was to stop.", name);
        }
        if (closed) {
            resign();
            ended.complete(null);
        }
        begin();
    }

    public synchronized void tick(long time) {
        now = time;
        if (campaignAt != 0 && time - campaignAt >= 0 && !closed) {
            campaignAt = 0;
            elections.campaign(name);
        }
        Thread thread = running;
        if (thread != null && endingSince != 0) {
            if (time - interruptAt >= 0) {
                interruptAt = time + SECOND;
                thread.interrupt();
            }
            if (!warned && time - endingSince >= WARN_AFTER) {
                warned = true;
                LOG.atWarn()
                        .addKeyValue("election", name)
                        .log("The duty of election {} still runs 10 s after it was to stop.", name);
            }
        }
        if (suspended && time - suspendedAt >= RESUME_AFTER) {
            // If this node was excluded, a view has deposed it by now.
            suspended = false;
            begin();
        }
    }

    @Override
    public void close() {
        elections.await(endDuty(), END_TIMEOUT);
        forget();
    }

    /** Gives up the lead, and removes the election, without waiting for the duty. */
    public synchronized void forget() {
        resign();
        leading = null;
        elections.forget(this);
    }

    /**
     * Interrupts the duty. The future completes after it has returned and the lead is given up; at once if the duty is the
     * caller.
     */
    public synchronized CompletableFuture<Void> endDuty() {
        if (!closed) {
            closed = true;
            stop();
        }
        if (running == null || running.equals(Thread.currentThread())) {
            resign();
            ended.complete(null);
        }
        return ended;
    }

    /** Called after the duty has returned: otherwise two nodes would run it at the same time. */
    @GuardedBy("this")
    private void resign() {
        if (!resigned) {
            resigned = true;
            elections.resign(name);
        }
    }
}
