package io.heliodor.session;

import io.heliodor.channel.LeaveReason;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.wire.Ref;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The life of one channel: what waits for its handlers, which thread runs them, why it ends, and what is to be done then.
 *
 * <p>Any thread may use it. All of it is guarded by this object's lock, which is never held while user code runs.
 */
final class ChannelLife {
    private final Session<?> session;
    private final Mailbox mailbox = new Mailbox();

    /** Whether a thread runs the channel, or is to; there is one at the most. */
    private boolean scheduled;

    /** How often that began. */
    private int runs;

    private boolean full;
    private @Nullable LeaveReason ending;

    /** Of a leave that was taken out of the mailbox; it is answered when the channel closes on the wire. */
    private @Nullable Ref leaveRef;

    private @Nullable Thread runner;

    /** The mail that the runner handles. */
    private @Nullable Mail current;

    /** The thread that runs the leave hooks. */
    private @Nullable Thread leaver;

    /** Whether a handler was interrupted since the channel ends. */
    private boolean interrupted;

    private boolean ended;
    private @Nullable AtEnd atEnd;

    /** What is to be done when the wire is closed. */
    private @Nullable AtEnd whenGone;

    private boolean gone;
    private volatile boolean finished;

    ChannelLife(Session<?> session) {
        this.session = session;
    }

    private Counts counts() {
        return session.hub().counts();
    }

    private boolean atLimit() {
        return mailbox.atLimit(session.hub().sessionLimits().maxMailboxMessages());
    }

    // What comes.

    /** What a mail of the client calls for. */
    record Posted(boolean start, boolean full) {
        private static final Posted WAITS = new Posted(false, false);
        private static final Posted STARTS = new Posted(true, false);
    }

    /** Takes a mail of the client, however full the mailbox is; says if a thread is to be started, and if it is full now. */
    Posted post(Mail mail) {
        counts().increment(Count.MAILBOX_MESSAGES);
        session.flow().hold(mail);
        synchronized (this) {
            mailbox.add(mail);
            boolean start = !scheduled && !ended;
            if (start) {
                schedule();
            }
            if (!full && atLimit()) {
                full = true;
                return new Posted(start, true);
            }
            return start ? Posted.STARTS : Posted.WAITS;
        }
    }

    /** What became of a mail of the server side. */
    enum Delivered {
        DROPPED,
        WAITS,
        /** It waits, and a thread is to be started. */
        STARTS
    }

    /** Takes a mail of the server side, if there is room and the channel is not about to end. */
    synchronized Delivered deliver(Mail mail) {
        if (ending != null || atLimit() || session.flow().holdsTooMuch()) {
            counts().increment(Count.MESSAGES_DROPPED);
            mail.dispose();
            return Delivered.DROPPED;
        }
        counts().increment(Count.MAILBOX_MESSAGES);
        session.flow().hold(mail);
        mailbox.add(mail);
        if (scheduled) {
            return Delivered.WAITS;
        }
        schedule();
        return Delivered.STARTS;
    }

    private void schedule() {
        scheduled = true;
        runs++;
    }

    // The thread that runs the handlers.

    /** The next mail for the calling thread, which runs the channel from here to the next call; null if there is none. */
    @Nullable
    Mail next() {
        Mail mail;
        boolean drained = false;
        synchronized (this) {
            // An interrupt that a handler left behind is not for the next one.
            Thread.interrupted();
            mail = ending == null ? mailbox.poll() : null;
            if (mail != null) {
                counts().add(Count.MAILBOX_MESSAGES, -1);
            }
            if (mail instanceof Mail.Said said && said.frame.event().equals("phx_leave")) {
                // In the step that takes it: who closes the channel finds it either here or in the mailbox.
                leaveRef = said.frame.ref();
                ending = new LeaveReason.Left();
                session.flow().release(mail);
                mail = null;
            }
            if (mail == null) {
                stopRunning();
                if (ending == null) {
                    scheduled = false;
                } else {
                    ended = true;
                }
                return null;
            }
            runner = Thread.currentThread();
            current = mail;
            if (full && !atLimit()) {
                full = false;
                drained = true;
            }
        }
        if (drained) {
            session.flow().mailboxDrained();
        }
        return mail;
    }

    /** The calling thread runs the channel no more; another one is about to. */
    synchronized void pause() {
        stopRunning();
    }

    /** This thread goes on to something else: an interrupt that comes too late, or was not noticed, is not for that. */
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

    /** Interrupts a run that has not ended; whether there was one. */
    synchronized boolean interrupt(Running run) {
        Running now = running();
        if (now == null || !now.isSameRun(run)) {
            return false;
        }
        now.thread().interrupt();
        interrupted = true;
        return true;
    }

    /** Whether the mailbox is full. */
    synchronized boolean full() {
        return full;
    }

    /** Whether the calling thread runs a handler of this channel. */
    synchronized boolean runsHere() {
        return Thread.currentThread().equals(runner);
    }

    /**
     * How often a thread has run it; negative while one does or is about to. A channel that is ending is not idle until the
     * lane has heard of it.
     */
    synchronized int idleRuns() {
        return scheduled ? -1 : runs & Integer.MAX_VALUE;
    }

    // The end.

    /** Why it ends; null while it does not. */
    synchronized @Nullable LeaveReason ending() {
        return ending;
    }

    /** Whether its end has interrupted a handler. */
    synchronized boolean interrupted() {
        return interrupted;
    }

    /** Gives it a reason to end, unless it has one; whether this is it. */
    synchronized boolean end(LeaveReason why) {
        if (ending != null) {
            return false;
        }
        ending = why;
        return true;
    }

    /** What is left to do for a channel that is closed on the wire. */
    enum Rest {
        /** A thread that runs it does the rest. */
        UNDER_WAY,
        /** A thread is to be started for its leave hooks. */
        STARTS,
        NOTHING
    }

    /**
     * It ends, and is closed on the wire.
     *
     * @param hooks whether its definition has leave hooks
     */
    Rest end(LeaveReason why, boolean interrupt, boolean hooks) {
        int late = 0;
        Rest rest = Rest.UNDER_WAY;
        synchronized (this) {
            if (ending == null) {
                ending = why;
            }
            // What the server side told it between the two steps; nobody would take it any more.
            for (Mail mail = mailbox.poll(); mail != null; mail = mailbox.poll()) {
                session.flow().release(mail);
                late++;
            }
            if (interrupt && runner != null) {
                runner.interrupt();
                interrupted = true;
            }
            if (!scheduled && !ended) {
                if (hooks || atEnd != null) {
                    schedule();
                    rest = Rest.STARTS;
                } else {
                    ended = true;
                    finished = true;
                    rest = Rest.NOTHING;
                }
            }
        }
        counts().add(Count.MAILBOX_MESSAGES, -late);
        return rest;
    }

    /** The channel was not let in; called on the thread of the join handler. */
    synchronized void refuse() {
        ended = true;
        finished = true;
        if (ending == null) {
            ending = new LeaveReason.Closed();
        }
        stopRunning();
    }

    /** The calling thread runs the leave hooks, until {@link #finish}. */
    synchronized void leave() {
        leaver = Thread.currentThread();
    }

    /** Its leave hooks have run: what was to be done at the end is due, and nothing is written any more. */
    synchronized @Nullable AtEnd finish() {
        finished = true;
        if (leaver != null) {
            leaver = null;
            Thread.interrupted();
        }
        AtEnd due = atEnd;
        atEnd = null;
        return due;
    }

    /** Whether its leave hooks have run. */
    boolean finished() {
        return finished;
    }

    /** What a channel leaves behind when it is closed on the wire. */
    record Remains(List<Mail> mails, @Nullable Ref leaveRef, boolean full) {}

    /** Empties the mailbox, since the channel is closed on the wire. */
    Remains close() {
        List<Mail> mails = new ArrayList<>();
        Remains remains;
        synchronized (this) {
            for (Mail mail = mailbox.poll(); mail != null; mail = mailbox.poll()) {
                mails.add(mail);
                session.flow().release(mail);
            }
            remains = new Remains(mails, leaveRef, full);
            full = false;
        }
        counts().add(Count.MAILBOX_MESSAGES, -mails.size());
        return remains;
    }

    /** Its client counts as gone: what was to be done then is due. */
    synchronized @Nullable AtEnd depart() {
        gone = true;
        AtEnd due = whenGone;
        whenGone = null;
        return due;
    }

    /** Keeps a subscription until the end, and returns the one whose end has come: an earlier one, or itself. */
    synchronized @Nullable Subscription keep(Topic<?> topic, Subscription subscription) {
        return finished ? subscription : atEnd().add(topic, subscription);
    }

    /** At the end; at once if that has come. */
    void onEnd(Runnable task) {
        synchronized (this) {
            if (!finished) {
                atEnd().add(task);
                return;
            }
        }
        task.run();
    }

    private AtEnd atEnd() {
        if (atEnd == null) {
            atEnd = new AtEnd();
        }
        return atEnd;
    }

    /** When the client counts as gone; at once if it does. */
    void onGone(Runnable task) {
        synchronized (this) {
            if (!gone) {
                if (whenGone == null) {
                    whenGone = new AtEnd();
                }
                whenGone.add(task);
                return;
            }
        }
        task.run();
    }
}
