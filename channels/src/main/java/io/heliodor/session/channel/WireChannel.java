package io.heliodor.session.channel;

import io.heliodor.channel.LeaveReason;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.session.budget.TokenBucket;
import io.heliodor.session.fanout.BroadcastEntry;
import io.heliodor.session.fanout.Recovery;
import io.heliodor.session.lane.LaneEntry;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The lane's half of one channel: its mailbox, its membership of a topic, its end, and its {@link ChannelOutput}. The other half,
 * {@link ChannelProcess}, runs the handlers; {@link ChannelMailbox} is between the two.
 *
 * <p>Used on the lane's thread, except where stated.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
public final class WireChannel<S, A> extends ChannelOutput<S> implements HandlerWatch.Watched, RightsCheck.Checked {
    private final ChannelTable<S> table;
    private final Callbacks<S, A> callbacks;
    private final ChannelMailbox mailbox;
    private final ChannelProcess<S, A> process;

    /** The time of the request to join. */
    private final long begun;

    /** The rate of its messages; null without a limit. */
    private final @Nullable TokenBucket messages;

    /** The channel of the same topic that starts after the messages of this one; null if there is none. */
    private @Nullable WireChannel<S, ?> successor;

    /** Whether it waits for the messages of the channel before it. */
    private boolean waiting;

    /** The time at which the messages that wait are dropped, if it drains. */
    private long drainDeadline;

    /** The content of the mailbox when it was replaced; null before, and if it drains. */
    private ChannelMailbox.@Nullable Drained dropped;

    WireChannel(ChannelTable<S> table, Callbacks<S, A> callbacks, String topic, Ref joinRef, Ref requestRef) {
        super(table.owner(), topic, joinRef, requestRef);
        this.table = table;
        this.callbacks = callbacks;
        this.begun = services().budget().now();
        this.mailbox = new ChannelMailbox(owner().flow());
        this.process = new ChannelProcess<>(this);
        this.messages = callbacks
                .messageRate()
                .map(rate -> table.rates().join(topic, rate, begun))
                .orElse(null);
    }

    // Any thread.

    /** The channels of its connection. */
    ChannelTable<S> table() {
        return table;
    }

    /** Its handlers. */
    Callbacks<S, A> callbacks() {
        return callbacks;
    }

    /** The mails that wait, and the state of its handlers. */
    @Override
    public ChannelMailbox mailbox() {
        return mailbox;
    }

    @Override
    public boolean isAuthorized() {
        return callbacks.isAuthorized();
    }

    @Override
    public boolean isAllowed() throws Exception {
        return callbacks.isAllowed(owner(), topic());
    }

    /** The half that runs its handlers. */
    ChannelProcess<S, A> process() {
        return process;
    }

    @Override
    public void endUnauthorized() {
        table.endUnauthorized(this);
    }

    @Override
    public void failed(Throwable cause) {
        boolean _ = table.fail(this, cause, false);
    }

    @Override
    public boolean endAfter(TimeoutException cause) {
        return table.fail(this, cause, true) || table.discard(this);
    }

    @Override
    public ChannelServices services() {
        return table.services();
    }

    @Override
    public String handler(ChannelMailbox.Running run) {
        return process.name(run);
    }

    /** Puts a mail of the server into the mailbox. Returns false if it is dropped. */
    public boolean deliver(Mail mail) {
        ChannelMailbox.Delivered delivered = mailbox.deliver(mail);
        if (delivered == ChannelMailbox.Delivered.STARTS) {
            start();
        }
        return delivered != ChannelMailbox.Delivered.DROPPED;
    }

    private void start() {
        if (lane().loop().inEventLoop()) {
            owner().sweepNext();
            lane().ready(process);
        } else {
            lane().add(new Ready(this));
        }
    }

    /** Ends the channel for a deferred reply that failed, in its turn, as after a handler that failed. */
    void deferredFailed(Mail.DeferredFailed failed) {
        lane().add(new LaneEntry.Task(() -> {
            if (isClosed() || mailbox.reason() != null) {
                process.answerCrashed(failed.due);
                failed.dispose();
                process.log().failedAtEnd(process.name(failed), failed.cause);
            } else {
                post(failed);
            }
        }));
    }

    /** A reply that a client waited for was sent, or cannot be sent. */
    void replySettled(DueReply reply) {
        if (mailbox.replySettled(reply)) {
            start();
        }
    }

    /** The handler that runs at this moment, for logs; empty if none does. */
    Optional<String> runningHandler() {
        return Optional.ofNullable(mailbox.running()).map(process::name);
    }

    // On the lane's thread.

    /** Whether its client had requested to join by a time. */
    boolean hasBegunBy(long time) {
        return begun - time <= 0;
    }

    /** The rate of its messages; null without a limit. */
    @Nullable
    public TokenBucket messages() {
        return messages;
    }

    /** The limit for the run of a handler in nanoseconds; {@link Long#MAX_VALUE} without a timeout. */
    @Override
    public long handlerTimeoutNanos() {
        return callbacks.handlerTimeoutNanos();
    }

    /** The heap that the decoded payload of a frame takes, in addition to what its mail counts for it. */
    public long decodedBytes(Frame frame) {
        return callbacks.decodedBytes(frame);
    }

    /** Puts a mail of the client into the mailbox, however full it is: at the limit the client is not read any more. */
    public void post(Mail mail) {
        owner().sweepNext();
        mail.promotion = callbacks.promotion(mail);
        ChannelMailbox.Posted posted = mailbox.post(mail);
        if (posted.start() && !waiting) {
            lane().ready(process);
        }
        if (posted.full()) {
            owner().flow().mailboxFull();
        }
        owner().flow().checkMemory();
    }

    @Override
    void refuseUnread() {
        table.refuseUnread(this);
    }

    @Override
    void replay(Recovery recovery) {
        if (recovery.isEmpty()) {
            return;
        }
        if (callbacks.intercepts().ofKept()) {
            // However full the mailbox is: else the client would come back with more to replay each time.
            post(new Mail.Replayed(recovery));
            return;
        }
        outbox().replay(recovery.replay(serializer(), topic()));
    }

    @Override
    protected void intercept(BroadcastEntry entry) {
        SharedMemory shared = entry.shared(services().budget().memory());
        // A channel that is ending accepts no mail either, and ends in its own way.
        Mail mail = new Mail.Intercepted(entry.broadcast, entry.offset, entry.message, entry.slowDelivery, shared);
        mail.trace = entry.trace;
        if (!deliver(mail) && mailbox.reason() == null) {
            table.failOverrun(this, entry.broadcast.event());
        }
    }

    /** Ends the presences of this channel, and new ones immediately. */
    void markUnreachable() {
        CleanupTasks due = mailbox.markUnreachable();
        if (due != null) {
            due.run(e -> process.log().cleanupFailed(e));
        }
    }

    /** Closes a channel whose leave hooks have run, after its last messages. */
    private void finished(byte[]... last) {
        drained(last);
        table.finished();
        notifyLeft();
        if (isClosed()) {
            return;
        }
        closeWire(last);
        boolean _ = table.forget(this);
    }

    // The end after the messages that wait.

    /**
     * Ends the channel after the messages that wait. It leaves its topic now.
     *
     * @param onWire whether replies are still written
     * @return false if no message waits and no handler runs: then the caller closes it
     */
    boolean endAfterMessages(LeaveReason why, boolean onWire, long deadline) {
        setRejoined(onWire);
        if (!mailbox.endAfterMails(why, false)) {
            return false;
        }
        drainDeadline = deadline;
        if (onWire) {
            markReplaced();
        } else {
            markClosed();
        }
        leaveTopic();
        markUnreachable();
        notifyLeft(why);
        table.handlers().ending(this);
        return true;
    }

    /**
     * Ends the channel now, because its client joins its topic again, unless a message is handled or waits. The
     * messages that its handlers have written precede its close.
     *
     * @return false if there is a message
     */
    boolean replace(LeaveReason why) {
        setRejoined(true);
        ChannelMailbox.Ended ended = mailbox.endWithoutMessages(why, callbacks.leaves());
        if (ended == null) {
            return false;
        }
        if (!isClosed()) {
            markReplaced();
        }
        leaveTopic();
        markUnreachable();
        notifyLeft(why);
        dropped = ended.dropped();
        lane().add(new Replacement(this));
        tearDown(ended.teardown());
        return true;
    }

    /** Closes it on the wire, unless its process has been faster. */
    private void closeReplaced() {
        if (isReplaced()) {
            closeWire(removeDropped(), lastOfReplacement());
        }
        if (!waiting) {
            startSuccessor();
        }
    }

    /** Removes what waited: the channel may be reachable for long after it. */
    private ChannelMailbox.Drained removeDropped() {
        ChannelMailbox.Drained removed = dropped == null ? mailbox.drain() : dropped;
        dropped = null;
        return removed;
    }

    /**
     * Ends the channel after the messages that wait and its deferred replies, and leaves it open until then. Returns false if
     * there are none.
     */
    boolean drain(LeaveReason why) {
        if (!mailbox.endAfterMails(why, true)) {
            return false;
        }
        table.handlers().ending(this);
        return true;
    }

    /** Stops the writing of a channel that drains, because its connection has ended. */
    void disconnect(long deadline) {
        markClosed();
        drainDeadline = deadline;
    }

    /** Whether its time is over. A channel that its connection leaves open has none: the drain of the server ends it. */
    boolean hasDrainedBy(long time) {
        return (isReplaced() || isClosed()) && drainDeadline - time <= 0;
    }

    /** Drops the messages that wait, and ends the channel. Returns how many messages of the client were dropped. */
    int discard(boolean interrupt) {
        ChannelMailbox.Drained dropped = mailbox.drain();
        try {
            if (isClosed()) {
                countDrained(dropped);
            } else {
                closeWire(dropped, isReplaced() ? lastOfReplacement() : new byte[0][]);
            }
        } finally {
            end(new LeaveReason.Closed(), interrupt); // unless it has a reason, as it does if it drains
        }
        startSuccessor();
        return dropped.mails().size();
    }

    /** The messages that waited have been handled. */
    private void drained(byte[]... last) {
        notifyLeft();
        if (isReplaced()) {
            closeWire(removeDropped(), last);
        } else if (isClosed()) {
            countDrained(mailbox.drain()); // of a handler that failed
        }
        startSuccessor();
        table.drained(this);
    }

    /** Starts its process after the messages of the channel before it, which drains or waits itself. */
    void startAfter(WireChannel<S, ?> before) {
        waiting = true;
        before.successor = this;
    }

    private void startSuccessor() {
        WireChannel<S, ?> next = successor;
        successor = null;
        // A loop: a chain of joins that were all replaced while they waited may be long.
        while (next != null) {
            next.waiting = false;
            lane().ready(next.process);
            if (!next.isClosed() || next.mailbox.drains()) {
                return; // its own successor waits for its messages
            }
            WireChannel<S, ?> after = next.successor;
            next.successor = null;
            next = after;
        }
    }

    /** Closes the channel on the wire, and ends it even if a last message cannot be written. */
    void close(LeaveReason why, boolean interrupt, byte[]... last) {
        try {
            closeWire(last);
        } finally {
            end(why, interrupt);
        }
    }

    /** The last messages of a channel that ends while its handler may run: the replies to its calls, then its end. */
    byte[][] last(Payload.Json reason, byte[]... end) {
        List<byte[]> last = process.lastReplies(reason);
        last.addAll(List.of(end));
        return last.toArray(byte[][]::new);
    }

    private byte[][] lastOfReplacement() {
        return last(Replies.CHANNEL_CLOSED, lastOfReplaced());
    }

    /** Ends the channel, which is closed on the wire: its leave hooks run when its handler returns. */
    private void end(LeaveReason why, boolean interrupt) {
        ChannelMailbox.Teardown teardown = mailbox.end(why, interrupt, callbacks.leaves());
        notifyLeft();
        tearDown(teardown);
    }

    private void tearDown(ChannelMailbox.Teardown teardown) {
        switch (teardown) {
            case RUNNING -> table.handlers().ending(this);
            case STARTS -> {
                table.handlers().ending(this);
                lane().ready(process);
            }
            case DONE -> {
                table.handlers().finished(this);
                table.finished();
                table.drained(this);
            }
        }
    }

    private void notifyLeft() {
        LeaveReason why = mailbox.reason();
        if (why != null) {
            notifyLeft(why);
        }
    }

    /** Closes the channel on the wire, even while a handler runs. Requests in the mailbox are refused. */
    private void closeWire(byte[]... last) {
        closeWire(mailbox.drain(), last);
    }

    private void closeWire(ChannelMailbox.Drained drained, byte[]... last) {
        markClosed();
        leaveTopic();
        markUnreachable();
        if (drained.leaveRef() != null) {
            outbox().offer(Replies.ok(serializer(), joinRef(), drained.leaveRef(), topic()));
        }
        for (byte[] message : last) {
            outbox().offer(message);
        }
        for (Mail mail : drained.mails()) {
            if (mail instanceof Mail.ClientFrame sent && !sent.frame.ref().isNull()) {
                owner().replyUnmatched(sent.frame);
            }
        }
        countDrained(drained);
    }

    private void countDrained(ChannelMailbox.Drained drained) {
        counters().add(Counter.MESSAGES_DISCARDED, drained.mails().size());
        if (drained.full()) {
            owner().flow().mailboxDrained();
        }
    }

    /** The close of a channel that was replaced, after what its handlers have written. */
    private static final class Replacement extends Step<WireChannel<?, ?>> {
        Replacement(WireChannel<?, ?> channel) {
            super(channel);
        }

        @Override
        public void perform() {
            channel.closeReplaced();
        }
    }

    /** The last messages of a channel that has ended; none of its messages comes after them. */
    static final class Closed extends Step<WireChannel<?, ?>> {
        private final byte[][] last;

        Closed(WireChannel<?, ?> channel, byte[]... last) {
            super(channel);
            this.last = last;
        }

        @Override
        public void perform() {
            channel.finished(last);
        }
    }

    /** All messages that waited when the channel began to drain are handled. Its leave hooks may still run. */
    static final class Drained extends Step<WireChannel<?, ?>> {
        private final byte[][] last;

        Drained(WireChannel<?, ?> channel, byte[]... last) {
            super(channel);
            this.last = last;
        }

        @Override
        public void perform() {
            channel.drained(last);
        }
    }

    /** The mailbox of an idle channel became non-empty on another thread. */
    static final class Ready extends Step<WireChannel<?, ?>> {
        Ready(WireChannel<?, ?> channel) {
            super(channel);
        }

        @Override
        public void perform() {
            channel.owner().sweepNext();
            channel.lane().readyInTurn(channel.process());
        }
    }
}
