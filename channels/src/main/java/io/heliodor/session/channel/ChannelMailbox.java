package io.heliodor.session.channel;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.LeaveReason;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Ref;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox of one channel, and the channel's state: the mails that wait, the thread that runs the handlers, why the
 * channel ends, and the tasks for its end.
 *
 * <p>Any thread may use it. No method blocks, apart from brief contention on its lock, which is never held while user code
 * runs.
 */
public final class ChannelMailbox extends MailQueue {
    /** The states of a channel, in order; none is entered twice. */
    private enum State {
        OPEN,
        /** It ends after the mails that wait. It accepts further mails only as {@link #acceptsWhileDraining} permits. */
        DRAINING,
        /** It has a reason to end. No further handler is called. */
        ENDING,
        /** No thread is started for it any more. At most its leave hooks still run. */
        CLOSED,
        /** Its leave hooks have run. */
        FINISHED
    }

    /** Written under the lock; read without it as well. */
    private volatile State state = State.OPEN;

    /** Null while the channel is open or draining. */
    @GuardedBy("this")
    private @Nullable LeaveReason reason;

    /** The reason of the end after the mails that wait; null if the channel does not drain. */
    @GuardedBy("this")
    private @Nullable LeaveReason reasonAfterMails;

    /** Whether the channel drains while its client still receives: then it ends after its deferred replies as well. */
    @GuardedBy("this")
    private boolean receives;

    /** The replies that a client waits for although their handlers may have returned, in the order of their calls; null if there are none. */
    @GuardedBy("this")
    private @Nullable Set<DueReply> dueReplies;

    /** Whether a thread runs the channel, or is about to; at most one does. */
    @GuardedBy("this")
    private boolean scheduled;

    /** The number of times that it was scheduled. */
    @GuardedBy("this")
    private int runs;

    @GuardedBy("this")
    private @Nullable Thread runner;

    /** The mail that the runner handles. */
    @GuardedBy("this")
    private @Nullable Mail current;

    /** Whether a run has found that the channel ends, and no thread has taken over the leave hooks. */
    @GuardedBy("this")
    private boolean finishDue;

    /** Whether a thread on the event loop has found that a thread of the pool must go on. */
    @GuardedBy("this")
    private boolean handOverDue;

    /** The thread that runs the leave hooks. */
    @GuardedBy("this")
    private @Nullable Thread leaver;

    /** Whether the end of the channel has interrupted a handler. */
    @GuardedBy("this")
    private boolean interrupted;

    /** The ref of a leave that was taken out of the mailbox; it is answered when the channel closes on the wire. */
    @GuardedBy("this")
    private @Nullable Ref leaveRef;

    @GuardedBy("this")
    private @Nullable CleanupTasks cleanupTasks;

    /** The tasks for the time when the client is unreachable, which may be earlier. */
    @GuardedBy("this")
    private @Nullable CleanupTasks unreachableTasks;

    @GuardedBy("this")
    private boolean unreachable;

    ChannelMailbox(FlowControl flow) {
        super(flow);
    }

    // The mails.

    /**
     * The consequences of a mail of the client.
     *
     * @param start whether a thread is to be started
     * @param full whether the mailbox has become full
     */
    record Posted(boolean start, boolean full) {
        private static final Posted WAITS = new Posted(false, false);
        private static final Posted STARTS = new Posted(true, false);
    }

    /** Adds a mail of the client, however full the mailbox is. */
    Posted post(Mail mail) {
        hold(mail);
        synchronized (this) {
            append(mail);
            boolean start = !scheduled && state.compareTo(State.CLOSED) < 0;
            if (start) {
                schedule();
            }
            if (fill()) {
                return new Posted(start, true);
            }
            return start ? Posted.STARTS : Posted.WAITS;
        }
    }

    /** The result for a mail of the server. */
    enum Delivered {
        DROPPED,
        WAITS,
        /** It waits, and a thread is to be started. */
        STARTS
    }

    /** Adds a mail of the server, if there is room and the channel accepts it. */
    synchronized Delivered deliver(Mail mail) {
        if (!(state == State.OPEN || acceptsWhileDraining(mail)) || isAtLimit() || flow().holdsTooMuch()) {
            counters().increment(Counter.MESSAGES_DROPPED);
            mail.dispose();
            return Delivered.DROPPED;
        }
        hold(mail);
        append(mail);
        if (scheduled) {
            return Delivered.WAITS;
        }
        schedule();
        return Delivered.STARTS;
    }

    /**
     * Whether a channel that drains accepts a mail of the server: output for a client that still receives, so that no broadcast
     * is missing before a later one, and messages that may lead to a deferred reply.
     */
    @GuardedBy("this")
    private boolean acceptsWhileDraining(Mail mail) {
        return state == State.DRAINING && receives && (isOutput(mail) || dueReplies != null);
    }

    /** Whether intercepts are called. */
    synchronized boolean handlesOutput() {
        return state == State.OPEN || (state == State.DRAINING && receives);
    }

    private static boolean isOutput(Mail mail) {
        return mail instanceof Mail.Intercepted || mail instanceof Mail.Replayed;
    }

    @GuardedBy("this")
    private void schedule() {
        scheduled = true;
        runs++;
    }

    // The thread that runs the handlers.

    /** Whether a mail waits that is to be handled on the event loop. */
    synchronized boolean nextRunsOnLoop() {
        Mail first = first();
        return handlesMails() && first != null && first.runsOnLoop();
    }

    /** The next mail for the calling thread, which runs the channel until the next call; null if there is none. */
    @Nullable
    Mail next() {
        return next(true);
    }

    /**
     * The same for a thread on the event loop, which handles the mails that run there only, and no end. If others are due, it is null
     * and {@link #claimHandOver} is true.
     */
    @Nullable
    Mail nextOnLoop() {
        return next(false);
    }

    private @Nullable Mail next(boolean inPool) {
        Mail mail;
        boolean drained;
        synchronized (this) {
            // Clears an interrupt that was meant for the handler before.
            Thread.interrupted();
            if (!inPool && !(first() == null ? state == State.OPEN : nextRunsOnLoop())) {
                stopRunning();
                handOverDue = true;
                return null;
            }
            mail = handlesMails() ? pollHandled() : null;
            if (mail instanceof Mail.ClientFrame sent && sent.frame.event().equals("phx_leave")) {
                // In the same step: the lane, when it closes the channel, finds the leave either here or in the
                // mailbox.
                leaveRef = sent.frame.ref();
                setReason(new LeaveReason.Left());
                release(mail);
                mail = null;
            }
            if (mail == null) {
                stopRunning();
                if (state == State.DRAINING && reasonAfterMails != null && !awaitsReplies()) {
                    setReason(reasonAfterMails);
                }
                if (handlesMails()) {
                    scheduled = false;
                } else {
                    finishDue = state != State.FINISHED;
                    advance(State.CLOSED);
                }
                return null;
            }
            runner = Thread.currentThread();
            current = mail;
            drained = reopen();
        }
        if (drained) {
            flow().mailboxDrained();
        }
        return mail;
    }

    private boolean handlesMails() {
        return state.compareTo(State.ENDING) < 0;
    }

    /** The next mail to be handled; output for a client that does not receive any more is dropped. */
    @GuardedBy("this")
    private @Nullable Mail pollHandled() {
        Mail mail = poll();
        while (mail != null) {
            counters().add(Counter.MAILBOX_MESSAGES, -1);
            if (handlesOutput() || !isOutput(mail)) {
                return mail;
            }
            release(mail);
            mail = poll();
        }
        return null;
    }

    /** Whether the calling thread, for which {@link #nextOnLoop} was null, must have another thread go on with the channel. */
    synchronized boolean claimHandOver() {
        boolean due = handOverDue;
        handOverDue = false;
        return due;
    }

    /**
     * Whether the calling thread, for which {@link #next} was null, must run the leave hooks. True once: when a channel ends
     * just after {@code next} has found it idle, another thread may run it already.
     */
    synchronized boolean claimFinish() {
        boolean due = finishDue;
        finishDue = false;
        return due;
    }

    /** Ends the run of the calling thread; another thread is about to go on. */
    synchronized void pause() {
        stopRunning();
    }

    /** Clears the interrupt flag as well: an interrupt that came too late is not for the thread's next task. */
    @GuardedBy("this")
    private void stopRunning() {
        runner = null;
        current = null;
        Thread.interrupted();
    }

    /**
     * A handler, or the leave hooks, at one moment.
     *
     * @param mail the mail that is handled; null for the leave hooks
     */
    record Running(@Nullable Mail mail, Thread thread) {
        /** Whether both belong to one run: a mail is handled once, and a channel ends once. */
        boolean isSameRun(Running other) {
            return mail == other.mail;
        }
    }

    /** The handler or leave hooks that run at this moment; null if none do. */
    synchronized @Nullable Running running() {
        if (runner != null) {
            return new Running(current, runner);
        }
        return leaver == null ? null : new Running(null, leaver);
    }

    /** Interrupts a run that has not ended. Returns whether there was one. */
    synchronized boolean interrupt(Running run) {
        Running now = running();
        if (now == null || !now.isSameRun(run)) {
            return false;
        }
        now.thread().interrupt();
        interrupted = true;
        return true;
    }

    /** Whether the calling thread runs a handler of this channel. */
    synchronized boolean runsHere() {
        return Thread.currentThread().equals(runner);
    }

    /**
     * The number of runs so far; negative while a thread runs the channel or is about to. A channel that is ending is not idle
     * until the lane has taken its {@link WireChannel.Closed}.
     */
    public synchronized int idleRuns() {
        return scheduled ? -1 : runs & Integer.MAX_VALUE;
    }

    // The end.

    /** The reason of the end; null while the channel is open. */
    synchronized @Nullable LeaveReason reason() {
        return reason;
    }

    /** Whether its end has interrupted a handler. */
    synchronized boolean isInterrupted() {
        return interrupted;
    }

    /** Gives the channel a reason to end. Returns false if it has one: a channel that drains ends now for that. */
    synchronized boolean end(LeaveReason why) {
        if (state == State.DRAINING && reasonAfterMails != null) {
            setReason(reasonAfterMails);
        }
        if (state != State.OPEN) {
            return false;
        }
        setReason(why);
        return true;
    }

    /**
     * Ends the channel after the mails that wait and the handler that runs. Returns false if there are none, or if the channel
     * ends already: then the caller ends it.
     *
     * @param toClient whether the client still receives; then the channel ends after its deferred replies as well
     */
    synchronized boolean endAfterMails(LeaveReason why, boolean toClient) {
        receives = toClient;
        boolean waits = scheduled || awaitsReplies();
        if (state == State.OPEN && waits) {
            reasonAfterMails = why;
            advance(State.DRAINING);
        }
        return state == State.DRAINING && waits;
    }

    @GuardedBy("this")
    private boolean awaitsReplies() {
        return receives && dueReplies != null;
    }

    /** A client waits for a reply from now on. */
    synchronized void replyDue(DueReply reply) {
        if (dueReplies == null) {
            dueReplies = new LinkedHashSet<>(2);
        }
        dueReplies.add(reply);
    }

    /** The replies that a client waits for although their handlers may have returned, in the order of their calls. */
    synchronized List<DueReply> dueReplies() {
        return dueReplies == null ? List.of() : List.copyOf(dueReplies);
    }

    /** A reply was sent, or cannot be sent. Returns whether a thread is to be started, for the end of the channel. */
    synchronized boolean replySettled(DueReply reply) {
        if (dueReplies != null && dueReplies.remove(reply) && dueReplies.isEmpty()) {
            dueReplies = null;
        }
        if (state != State.DRAINING || scheduled || awaitsReplies()) {
            return false;
        }
        schedule();
        return true;
    }

    /** Whether a message is handled or waits: not a join, a leave, or output for the client. */
    synchronized boolean hasMessages() {
        return (current != null && isMessage(current)) || holdsMessages();
    }

    /** Whether the channel has ended, or ends now or after the mails that wait. */
    synchronized boolean isEnding() {
        return reason != null || reasonAfterMails != null;
    }

    /** Whether the channel has ended, or ends, after the mails that waited. */
    synchronized boolean drains() {
        return reasonAfterMails != null;
    }

    @GuardedBy("this")
    private void setReason(LeaveReason why) {
        reason = why;
        advance(State.ENDING);
    }

    @GuardedBy("this")
    private void advance(State next) {
        if (state.compareTo(next) < 0) {
            state = next;
        }
    }

    /** The work that is left for a channel that is closed on the wire. */
    enum Teardown {
        /** A thread that runs the channel does it. */
        RUNNING,
        /** A thread is to be started for the leave hooks. */
        STARTS,
        DONE
    }

    /**
     * Ends the channel, which is closed on the wire.
     *
     * @param interrupt whether to interrupt a running handler
     * @param hooks whether its definition has leave hooks
     */
    Teardown end(LeaveReason why, boolean interrupt, boolean hooks) {
        int late;
        Teardown teardown = Teardown.RUNNING;
        synchronized (this) {
            if (handlesMails()) {
                setReason(reasonAfterMails == null ? why : reasonAfterMails);
            }
            // Mails of the server that came after the mailbox was emptied would never be handled.
            late = removeAll().size();
            if (interrupt && runner != null) {
                runner.interrupt();
                interrupted = true;
            }
            if (!scheduled && state == State.ENDING) {
                if (hooks || cleanupTasks != null) {
                    schedule();
                    teardown = Teardown.STARTS;
                } else {
                    advance(State.FINISHED);
                    teardown = Teardown.DONE;
                }
            }
        }
        counters().add(Counter.MAILBOX_MESSAGES, -late);
        return teardown;
    }

    /**
     * The end of a channel at once.
     *
     * @param dropped what waited
     * @param teardown the work that is left
     */
    record Ended(Drained dropped, Teardown teardown) {}

    /**
     * Ends the channel, unless a message is handled or waits; null then. A join or an intercept that runs is interrupted.
     *
     * @param hooks whether its definition has leave hooks
     */
    synchronized @Nullable Ended endWithoutMessages(LeaveReason why, boolean hooks) {
        // In one step with the end: a message that came in between would be interrupted or dropped.
        if (handlesMails() && hasMessages()) {
            return null;
        }
        return new Ended(drain(), end(why, true, hooks));
    }

    /** Ends a channel whose join was refused. On the thread of the join handler. */
    synchronized void refuse() {
        if (reason == null) {
            reason = new LeaveReason.Closed();
        }
        advance(State.FINISHED);
        stopRunning();
    }

    /** The calling thread runs the leave hooks from now on, until {@link #finish}. */
    synchronized void leave() {
        leaver = Thread.currentThread();
    }

    /** The leave hooks have run. Returns the tasks for the end, to be run now; null if there are none. */
    synchronized @Nullable CleanupTasks finish() {
        advance(State.FINISHED);
        if (leaver != null) {
            leaver = null;
            Thread.interrupted();
        }
        CleanupTasks due = cleanupTasks;
        cleanupTasks = null;
        return due;
    }

    /** Whether the leave hooks have run: the channel writes nothing any more. */
    boolean isFinished() {
        return state == State.FINISHED;
    }

    /** The content of a mailbox that was closed. */
    record Drained(List<Mail> mails, @Nullable Ref leaveRef, boolean full) {}

    /** Empties the mailbox when the channel is closed on the wire. */
    Drained drain() {
        Drained drained;
        synchronized (this) {
            drained = new Drained(removeAll(), leaveRef, reopen());
        }
        counters().add(Counter.MAILBOX_MESSAGES, -drained.mails().size());
        return drained;
    }

    // The tasks for the end.

    /** Marks the client as unreachable. Returns the tasks for that, to be run now; null if there are none. */
    synchronized @Nullable CleanupTasks markUnreachable() {
        unreachable = true;
        CleanupTasks due = unreachableTasks;
        unreachableTasks = null;
        return due;
    }

    /** Keeps a subscription until the end. Returns one to close now: an earlier one to the topic, or itself after the end. */
    synchronized @Nullable Subscription keep(Topic<?> topic, Subscription subscription) {
        return isFinished() ? subscription : cleanupTasks().add(topic, subscription);
    }

    /** Runs a task at the end; now if the channel has ended. */
    void onEnd(Runnable task) {
        synchronized (this) {
            if (!isFinished()) {
                cleanupTasks().add(task);
                return;
            }
        }
        task.run();
    }

    @GuardedBy("this")
    private CleanupTasks cleanupTasks() {
        if (cleanupTasks == null) {
            cleanupTasks = new CleanupTasks();
        }
        return cleanupTasks;
    }

    /** Runs a task when the client is marked as unreachable; now if it is. */
    void onUnreachable(Runnable task) {
        synchronized (this) {
            if (!unreachable) {
                if (unreachableTasks == null) {
                    unreachableTasks = new CleanupTasks();
                }
                unreachableTasks.add(task);
                return;
            }
        }
        task.run();
    }
}
