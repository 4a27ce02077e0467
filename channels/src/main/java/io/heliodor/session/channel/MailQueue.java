package io.heliodor.session.channel;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The mails that wait for the handlers of one channel, in order. Their number has a limit, and their bytes count in the memory
 * of the connection. Any thread may use it, with its lock except where stated.
 *
 * <p>The mailbox extends it: as a part it would be one more object for each idle channel.
 */
abstract class MailQueue {
    private final FlowControl flow;

    @GuardedBy("this")
    private @Nullable Mail head;

    @GuardedBy("this")
    private @Nullable Mail tail;

    @GuardedBy("this")
    private int size;

    /** Whether the client is not read because of this queue. */
    @GuardedBy("this")
    private boolean full;

    MailQueue(FlowControl flow) {
        this.flow = flow;
    }

    /** The flow control of the connection. The lock is not needed. */
    final FlowControl flow() {
        return flow;
    }

    /** The counters of the endpoint. The lock is not needed. */
    final Counters counters() {
        return flow.counters();
    }

    /** Counts a mail that is to be added. The lock is not needed. */
    final void hold(Mail mail) {
        counters().increment(Counter.MAILBOX_MESSAGES);
        flow.memory().add(mail.bytes());
        flow.memory().addDecoded(mail.decodedBytes());
    }

    /** Gives back the memory of a mail that was handled or dropped. The lock is not needed. */
    final void release(Mail mail) {
        mail.dispose();
        flow.memory().releaseDecoded(mail.decodedBytes());
        flow.release(mail.bytes());
    }

    /** Adds a mail at the end, even at the limit. */
    @GuardedBy("this")
    final void append(Mail mail) {
        if (tail == null) {
            head = mail;
        } else {
            tail.next = mail;
        }
        tail = mail;
        size++;
    }

    /** The mail that waits for the longest time; null if none waits. */
    @GuardedBy("this")
    final @Nullable Mail first() {
        return head;
    }

    /** Removes and returns the first mail; null if none waits. */
    @GuardedBy("this")
    final @Nullable Mail poll() {
        Mail first = head;
        if (first == null) {
            return null;
        }
        head = first.next;
        if (head == null) {
            tail = null;
        }
        first.next = null;
        size--;
        return first;
    }

    /** Removes all mails and gives back their memory. The caller reduces the counter of mails. */
    @GuardedBy("this")
    final List<Mail> removeAll() {
        List<Mail> mails = new ArrayList<>();
        for (Mail mail = poll(); mail != null; mail = poll()) {
            mails.add(mail);
            release(mail);
        }
        return mails;
    }

    @GuardedBy("this")
    final boolean isAtLimit() {
        return size >= flow.limits().maxMailboxMessages();
    }

    /** Makes the queue full if it has reached the limit. Returns whether it was not full before. */
    @GuardedBy("this")
    final boolean fill() {
        if (full || !isAtLimit()) {
            return false;
        }
        full = true;
        return true;
    }

    /** Ends the fullness if the queue is below the limit. Returns whether it was full before. */
    @GuardedBy("this")
    final boolean reopen() {
        if (!full || isAtLimit()) {
            return false;
        }
        full = false;
        return true;
    }

    /** Whether the queue is full: its client is not read. The lock is not needed. */
    final synchronized boolean isFull() {
        return full;
    }

    /** Whether a message waits: not a join, a leave, or output for the client. */
    @GuardedBy("this")
    final boolean holdsMessages() {
        for (Mail mail = head; mail != null; mail = mail.next) {
            if (isMessage(mail)) {
                return true;
            }
        }
        return false;
    }

    static boolean isMessage(Mail mail) {
        return switch (mail) {
            case Mail.ClientFrame sent -> !sent.frame.event().equals("phx_leave");
            case Mail.InfoMail _, Mail.PubSubMessage _, Mail.DeferredFailed _ -> true;
            case Mail.JoinRequested _, Mail.Intercepted _, Mail.Replayed _ -> false;
        };
    }
}
