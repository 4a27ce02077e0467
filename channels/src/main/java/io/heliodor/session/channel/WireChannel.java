package io.heliodor.session.channel;

import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Socket;
import io.heliodor.observe.Observation;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.session.budget.TokenBucket;
import io.heliodor.session.fanout.BroadcastEntry;
import io.heliodor.session.fanout.JoinBarrier;
import io.heliodor.session.fanout.Recovery;
import io.heliodor.session.fanout.TopicMember;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.LaneEntry;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.session.once.OnceRun;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The lane's half of one channel: its state on the wire and its membership of a topic. After it is closed it writes nothing.
 * The other half, {@link ChannelProcess}, runs the handlers; {@link ChannelMailbox} is between the two.
 *
 * <p>Used on the lane's thread, except where stated.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
public final class WireChannel<S, A> extends TopicMember implements HandlerWatch.Watched, RightsCheck.Checked {
    private enum State {
        JOINING,
        OPEN,
        /** Its client has joined the topic again: no member any more, and open for replies to the messages that wait. */
        REPLACED,
        CLOSED
    }

    private final ChannelTable<S> table;
    private final ChannelOwner<S> owner;
    private final Callbacks<S, A> callbacks;
    private String topic;
    private final Ref joinRef;
    private final Ref requestRef;
    private final ChannelMailbox mailbox;
    private final ChannelProcess<S, A> process;

    /** The time of the request to join. */
    private final long begun;

    /** The rate of its messages; null without a limit. */
    private final @Nullable TokenBucket messages;

    private State state = State.JOINING;

    /** Whether observers were notified of its join, and not of its end. */
    private boolean observed;

    /** The channel of the same topic that starts after the messages of this one; null if there is none. */
    private @Nullable WireChannel<S, ?> successor;

    /** Whether it waits for the messages of the channel before it. */
    private boolean waiting;

    /** The time at which the messages that wait are dropped, if it drains. */
    private long drainDeadline;

    /** The content of the mailbox when it was replaced; null before, and if it drains. */
    private ChannelMailbox.@Nullable Drained dropped;

    /** Whether its request to join was accepted on the wire. */
    private boolean answered;

    /** Whether its client has joined the topic again. Written before the mailbox drains, so its process reads it after. */
    private boolean replaced;

    WireChannel(ChannelTable<S> table, Callbacks<S, A> callbacks, String topic, Ref joinRef, Ref requestRef) {
        this.table = table;
        this.owner = table.owner();
        this.callbacks = callbacks;
        this.topic = topic;
        this.joinRef = joinRef;
        this.requestRef = requestRef;
        this.begun = table.services().budget().now();
        this.mailbox = new ChannelMailbox(owner.flow());
        this.process = new ChannelProcess<>(this);
        this.messages = callbacks
                .messageRate()
                .map(rate -> table.rates().join(topic, rate, begun))
                .orElse(null);
    }

    // Any thread.

    @Override
    public String topic() {
        return topic;
    }

    /** The join_ref of its messages: null if its client gave none and is sent none. */
    public Ref joinRef() {
        return joinRef;
    }

    /** The join_ref of frames that are meant for it. */
    public Ref expectedJoinRef() {
        return joinRef.isNull() ? requestRef : joinRef;
    }

    /** The ref of the request to join. */
    Ref requestRef() {
        return requestRef;
    }

    @Override
    protected Lane lane() {
        return owner.lane();
    }

    @Override
    public Socket<S> socket() {
        return owner;
    }

    @Override
    public ChannelOwner<S> owner() {
        return owner;
    }

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
        return callbacks.isAllowed(owner, topic);
    }

    /** The half that runs its handlers. */
    ChannelProcess<S, A> process() {
        return process;
    }

    /** Ends its connection for a fault of the server. On the lane's thread. */
    @Override
    public void fault(Throwable fault) {
        owner.fault(fault);
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

    private Counters counters() {
        return table.services().counters();
    }

    private Observers observers() {
        return table.services().observers();
    }

    private Serializer serializer() {
        return owner.serializer();
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
            owner.sweepNext();
            lane().ready(process);
        } else {
            lane().add(new Ready(this));
        }
    }

    /**
     * Ends the channel for a deferred reply that failed, in its turn, as after a handler that failed.
     *
     * @param once the call, if it is executed once
     * @param settled runs when the failure is in the mailbox, or dropped
     */
    void deferredFailed(String call, Ref ref, Throwable cause, @Nullable OnceRun once, Runnable settled) {
        Mail failed = new Mail.DeferredFailed(call, ref, cause, once);
        lane().add(new LaneEntry.Task(() -> {
            if (state == State.CLOSED || mailbox.reason() != null) {
                failed.dispose();
                process.failedAtEnd(process.name(failed), cause);
            } else {
                post(failed);
            }
            settled.run();
        }));
    }

    /** A deferred reply that a client waited for was sent, or cannot be sent. */
    void replySettled() {
        if (mailbox.replySettled()) {
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

    @Override
    protected Outbox outbox() {
        return owner.outbox();
    }

    boolean joining() {
        return state == State.JOINING;
    }

    boolean open() {
        return state == State.OPEN;
    }

    /** Puts a mail of the client into the mailbox, however full it is: at the limit the client is not read any more. */
    public void post(Mail mail) {
        owner.sweepNext();
        mail.promotion = callbacks.promotion(mail);
        ChannelMailbox.Posted posted = mailbox.post(mail);
        if (posted.start() && !waiting) {
            lane().ready(process);
        }
        if (posted.full()) {
            owner.flow().mailboxFull();
        }
        owner.flow().checkMemory();
    }

    @Override
    protected void begun(JoinBarrier barrier) {
        if (state == State.JOINING) {
            await(barrier);
        }
    }

    @Override
    protected void joined(JoinedEntry join) {
        if (state == State.CLOSED || state == State.REPLACED) {
            join.drop();
            if (state == State.REPLACED) {
                reply(join.reply());
            }
            return;
        }
        Recovery recovery = join.recovery();
        if (recovery != null
                && !outbox().acceptsReplay(
                                recovery.bytes(), table.services().fastlane().replayBytes())) {
            // Without these messages the state of its handler could have a gap.
            join.drop();
            table.refuseUnread(this);
            return;
        }
        state = State.OPEN;
        observed = true;
        counters().increment(Counter.JOINS_ACCEPTED);
        observers().happened(() -> new Observation.Joined(owner.correlationId(), topic));
        assign(join);
        topic = join.topic(); // an equal string that all members share
        if (recovery == null) {
            reply(join.reply());
        } else {
            reply(recovery.in(join.reply()));
            replay(recovery);
        }
        enter(join);
    }

    private void reply(Payload toRequest) {
        answered = true;
        outbox().offer(serializer().reply(joinRef, requestRef, topic, "ok", toRequest));
    }

    private void replay(Recovery recovery) {
        if (recovery.isEmpty()) {
            return;
        }
        if (callbacks.intercepts().ofKept()) {
            // However full the mailbox is: else the client would come back with more to replay each time.
            post(new Mail.Replayed(recovery));
            return;
        }
        outbox().replay(recovery.replay(serializer(), topic));
    }

    /** Writes a message for this channel alone, unless it is closed. */
    private void write(byte[] message, @Nullable SlowDelivery slowDelivery) {
        if (state != State.OPEN && state != State.REPLACED) {
            counters().increment(Counter.WRITES_AFTER_END);
            return;
        }
        flushBatch();
        if (slowDelivery == null) {
            outbox().offer(message);
        } else {
            outbox().offer(message, slowDelivery);
        }
    }

    /** Writes a large message, unless the channel is closed. */
    private void write(StreamedMessage streamed) {
        if (state == State.OPEN) {
            flushBatch();
            outbox().offer(streamed);
        } else {
            streamed.dispose();
        }
    }

    @Override
    protected void intercept(BroadcastEntry entry) {
        SharedMemory shared = entry.shared(table.services().budget().memory());
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
            due.run(process()::cleanupFailed);
        }
    }

    /** Closes a channel whose leave hooks have run, after its last messages. */
    private void finished(byte[]... last) {
        drained(last);
        table.finished();
        notifyLeft();
        if (state == State.CLOSED) {
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
        replaced = onWire;
        if (!mailbox.endAfterMails(why, false)) {
            return false;
        }
        drainDeadline = deadline;
        state = onWire ? State.REPLACED : State.CLOSED;
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
        replaced = true;
        ChannelMailbox.Ended ended = mailbox.endWithoutMessages(why, callbacks.leaves());
        if (ended == null) {
            return false;
        }
        if (state != State.CLOSED) {
            state = State.REPLACED;
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
        if (state == State.REPLACED) {
            closeWire(removeDropped(), lastOfReplaced());
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

    private byte[][] lastOfReplaced() {
        return answered
                ? phxClose()
                : new byte[][] {Replies.error(serializer(), joinRef, requestRef, topic, Replies.REPLACED)};
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
        state = State.CLOSED;
        drainDeadline = deadline;
    }

    /** Whether its time is over. A channel that its connection leaves open has none: the drain of the server ends it. */
    boolean hasDrainedBy(long time) {
        return (state == State.REPLACED || state == State.CLOSED) && drainDeadline - time <= 0;
    }

    /** Drops the messages that wait, and ends the channel. Returns how many messages of the client were dropped. */
    int discard(boolean interrupt) {
        ChannelMailbox.Drained dropped = mailbox.drain();
        try {
            if (state == State.CLOSED) {
                countDrained(dropped);
            } else {
                closeWire(dropped, state == State.REPLACED ? lastOfReplaced() : new byte[0][]);
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
        if (state == State.REPLACED) {
            closeWire(removeDropped(), last);
        } else if (state == State.CLOSED) {
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
            if (next.state != State.CLOSED || next.mailbox.drains()) {
                return; // its own successor waits for its messages
            }
            WireChannel<S, ?> after = next.successor;
            next.successor = null;
            next = after;
        }
    }

    /** A close without a join_ref would be taken for that of the channel that replaces it. */
    private byte[][] phxClose() {
        return replaced && joinRef.isNull()
                ? new byte[0][]
                : new byte[][] {Replies.phxClose(serializer(), joinRef, topic)};
    }

    /** The last messages of a channel that has ended. */
    byte[][] last(LeaveReason why) {
        return switch (why) {
            case LeaveReason.Left left -> phxClose();
            case LeaveReason.Stopped stopped -> phxClose();
            case LeaveReason.Replaced replaced -> phxClose();
            case LeaveReason.Failed failed -> new byte[][] {Replies.phxError(serializer(), joinRef, topic)};
            case LeaveReason.Closed closed -> new byte[0][];
            case LeaveReason.Removed removed -> new byte[0][];
            case LeaveReason.Unauthorized unauthorized -> new byte[0][];
            case LeaveReason.Disconnected disconnected -> new byte[0][];
            case LeaveReason.HeartbeatTimeout timeout -> new byte[0][];
            case LeaveReason.Draining draining -> new byte[0][];
        };
    }

    /** Closes the channel on the wire, and ends it even if a last message cannot be written. */
    void close(LeaveReason why, boolean interrupt, byte[]... last) {
        try {
            closeWire(last);
        } finally {
            end(why, interrupt);
        }
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

    private void notifyLeft(LeaveReason why) {
        if (observed) {
            observed = false;
            observers().happened(() -> new Observation.Left(owner.correlationId(), topic, why));
        }
    }

    /** Closes the channel on the wire, even while a handler runs. Requests in the mailbox are refused. */
    private void closeWire(byte[]... last) {
        closeWire(mailbox.drain(), last);
    }

    private void closeWire(ChannelMailbox.Drained drained, byte[]... last) {
        state = State.CLOSED;
        leaveTopic();
        markUnreachable();
        if (drained.leaveRef() != null) {
            outbox().offer(Replies.ok(serializer(), joinRef, drained.leaveRef(), topic));
        }
        for (byte[] message : last) {
            outbox().offer(message);
        }
        for (Mail mail : drained.mails()) {
            if (mail instanceof Mail.ClientFrame sent && !sent.frame.ref().isNull()) {
                owner.replyUnmatched(sent.frame);
            }
        }
        countDrained(drained);
    }

    private void countDrained(ChannelMailbox.Drained drained) {
        counters().add(Counter.MESSAGES_DISCARDED, drained.mails().size());
        if (drained.full()) {
            owner.flow().mailboxDrained();
        }
    }

    /** A step of a channel on its lane. */
    abstract static class Step extends LaneEntry {
        final WireChannel<?, ?> channel;

        Step(WireChannel<?, ?> channel) {
            this.channel = channel;
        }

        @Override
        public final void fault(Throwable fault) {
            channel.fault(fault);
        }
    }

    /** The close of a channel that was replaced, after what its handlers have written. */
    private static final class Replacement extends Step {
        Replacement(WireChannel<?, ?> channel) {
            super(channel);
        }

        @Override
        public void perform() {
            channel.closeReplaced();
        }
    }

    /** A message for the channel. */
    static final class Unicast extends Step {
        private final byte[] message;

        /** Null for an ordinary message. */
        private final @Nullable SlowDelivery slowDelivery;

        Unicast(WireChannel<?, ?> channel, byte[] message, @Nullable SlowDelivery slowDelivery) {
            super(channel);
            this.message = message;
            this.slowDelivery = slowDelivery;
        }

        @Override
        public void perform() {
            channel.write(message, slowDelivery);
        }

        @Override
        public long expectedCost() {
            return (long) OVERHEAD + message.length;
        }
    }

    /** A large message for the channel. */
    static final class Streamed extends Step {
        private final StreamedMessage message;

        Streamed(WireChannel<?, ?> channel, StreamedMessage message) {
            super(channel);
            this.message = message;
        }

        @Override
        public void perform() {
            channel.write(message);
        }
    }

    /** The last messages of a channel that has ended; none of its messages comes after them. */
    static final class Closed extends Step {
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
    static final class Drained extends Step {
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
    static final class Ready extends Step {
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
