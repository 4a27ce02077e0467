package io.heliodor.session.channel;

import io.heliodor.channel.LeaveReason;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.session.lane.TestClient;
import io.heliodor.wire.Ref;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A mailbox with mails that are counted, and the loop of {@link MailboxTask} without handlers. */
final class TestChannel {
    static final LeaveReason CLOSED = new LeaveReason.Closed();

    private final TestClient client;
    private final ChannelMailbox mailbox;
    private final MemoryBudget sharedBytes = new MemoryBudget(1 << 20);
    private final AtomicBoolean handling = new AtomicBoolean();
    private final AtomicInteger handled = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private volatile boolean twoRunners;

    TestChannel(int maxMailboxMessages) {
        this.client = new TestClient(maxMailboxMessages);
        this.mailbox = new ChannelMailbox(client.flow());
    }

    TestClient client() {
        return client;
    }

    ChannelMailbox mailbox() {
        return mailbox;
    }

    /** A mail that holds memory of its own, which must be released once. */
    Mail mail() {
        return new Mail.Intercepted(null, Ref.NULL, new byte[0], null, new SharedMemory(sharedBytes, 1));
    }

    /** Puts a mail of the server into the mailbox, and runs the channel if that starts it. */
    void deliver() {
        if (mailbox.deliver(mail()) == ChannelMailbox.Delivered.STARTS) {
            run();
        }
    }

    /** Puts a mail of the client into the mailbox, and runs the channel if that starts it. */
    void post() {
        if (mailbox.post(mail()).start()) {
            run();
        }
    }

    /** Runs the channel as {@link MailboxTask} does. */
    void run() {
        for (Mail mail = mailbox.next(); mail != null; mail = mailbox.next()) {
            if (handling.getAndSet(true)) {
                twoRunners = true;
            }
            handled.incrementAndGet();
            handling.set(false);
            mailbox.release(mail);
        }
        finishIfDue();
    }

    /** Runs the leave hooks if {@link ChannelMailbox#next} has found the end. */
    void finishIfDue() {
        if (mailbox.claimFinish()) {
            mailbox.leave();
            finished.incrementAndGet();
            CleanupTasks due = mailbox.finish();
            if (due != null) {
                due.run(failed -> {});
            }
        }
    }

    /** Closes the channel as the lane does. Returns the number of mails that were drained. */
    int close() {
        ChannelMailbox.Drained drained = mailbox.drain();
        if (drained.full()) {
            client.flow().mailboxDrained();
        }
        if (mailbox.end(CLOSED, true, true) == ChannelMailbox.Teardown.STARTS) {
            run();
        }
        // The lane's thread is not a handler: an interrupt for it would be one too many.
        return Thread.interrupted() ? Integer.MIN_VALUE : drained.mails().size();
    }

    int handled() {
        return handled.get();
    }

    int finished() {
        return finished.get();
    }

    /** The fault that is common to all tests: {@code ok} if there is none. */
    String fault() {
        if (twoRunners) {
            return "two runners";
        }
        if (!mailbox.drain().mails().isEmpty()) {
            return "a mail is left";
        }
        if (client.waitingMails() != 0) {
            return "mails are counted: " + client.waitingMails();
        }
        if (client.flow().memory().held() != 0) {
            return "memory is held: " + client.flow().memory().held();
        }
        return sharedBytes.used() == 0 ? "ok" : "shared memory is held: " + sharedBytes.used();
    }
}
