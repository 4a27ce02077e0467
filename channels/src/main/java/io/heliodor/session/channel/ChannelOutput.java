package io.heliodor.session.channel;

import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Socket;
import io.heliodor.observe.Observation;
import io.heliodor.session.fanout.JoinBarrier;
import io.heliodor.session.fanout.Recovery;
import io.heliodor.session.fanout.TopicMember;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.LaneEntry;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * The output of one channel to its client: the state on the wire, the reply to the join, messages, and the last ones. After it
 * is closed it writes nothing. The superclass of {@link WireChannel}, and not an object of its own: each idle channel would hold
 * one more.
 *
 * <p>Used on the lane's thread, except where stated.
 *
 * @param <S> the type of the connection's assigns
 */
public abstract class ChannelOutput<S> extends TopicMember {
    private enum State {
        JOINING,
        OPEN,
        /** Its client has joined the topic again: no member any more, and open for replies to the messages that wait. */
        REPLACED,
        CLOSED
    }

    private final ChannelOwner<S> owner;
    private String topic;
    private final Ref joinRef;
    private final Ref requestRef;
    private State state = State.JOINING;

    /** Whether observers were notified of its join, and not of its end. */
    private boolean observed;

    /** Whether its request to join was accepted on the wire. */
    private boolean answered;

    /** Whether its client has joined the topic again. Written before the mailbox drains, so its process reads it after. */
    private boolean rejoined;

    ChannelOutput(ChannelOwner<S> owner, String topic, Ref joinRef, Ref requestRef) {
        this.owner = owner;
        this.topic = topic;
        this.joinRef = joinRef;
        this.requestRef = requestRef;
    }

    // Any thread.

    /** The topic that the channel has joined. */
    public final String topic() {
        return topic;
    }

    /** The join_ref of its messages: null if its client gave none and is sent none. */
    public final Ref joinRef() {
        return joinRef;
    }

    /** The join_ref of frames that are meant for it. */
    public final Ref expectedJoinRef() {
        return joinRef.isNull() ? requestRef : joinRef;
    }

    /** The ref of the request to join. */
    final Ref requestRef() {
        return requestRef;
    }

    @Override
    protected final Lane lane() {
        return owner.lane();
    }

    @Override
    public final Socket<S> socket() {
        return owner;
    }

    /** The session of the channel. */
    public final ChannelOwner<S> owner() {
        return owner;
    }

    /** The parts that the channels of an endpoint share. */
    public abstract ChannelServices services();

    final Counters counters() {
        return services().counters();
    }

    private Observers observers() {
        return services().observers();
    }

    final Serializer serializer() {
        return owner.serializer();
    }

    /** Ends its connection for a fault of the server. On the lane's thread. */
    @Override
    public final void fault(Throwable fault) {
        owner.fault(fault);
    }

    // On the lane's thread.

    @Override
    protected final Outbox outbox() {
        return owner.outbox();
    }

    final boolean joining() {
        return state == State.JOINING;
    }

    final boolean open() {
        return state == State.OPEN;
    }

    final boolean isReplaced() {
        return state == State.REPLACED;
    }

    final boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Its client has joined the topic again. Only replies are written from now on. */
    final void markReplaced() {
        state = State.REPLACED;
    }

    final void markClosed() {
        state = State.CLOSED;
    }

    /** Whether its client joins the topic again. To be called before the mailbox drains. */
    final void setRejoined(boolean joinsAgain) {
        rejoined = joinsAgain;
    }

    // The join.

    @Override
    protected final void begun(JoinBarrier barrier) {
        if (state == State.JOINING) {
            await(barrier);
        }
    }

    @Override
    protected final void joined(JoinedEntry join) {
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
                                recovery.bytes(), services().fastlane().replayBytes())) {
            // Without these messages the state of its handler could have a gap.
            join.drop();
            refuseUnread();
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

    /** Refuses the join, because the client has not read the messages of earlier ones. */
    abstract void refuseUnread();

    /** Writes the messages that the client missed, or gives them to the intercepts. */
    abstract void replay(Recovery recovery);

    private void reply(Payload toRequest) {
        answered = true;
        outbox().offer(serializer().reply(joinRef, requestRef, topic, "ok", toRequest));
    }

    /** Notifies observers of the end, unless they are, or were not notified of the join. */
    final void notifyLeft(LeaveReason why) {
        if (observed) {
            observed = false;
            observers().happened(() -> new Observation.Left(owner.correlationId(), topic, why));
        }
    }

    // Messages.

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

    /** The last messages of a channel that was replaced, if no process writes others. */
    final byte[][] lastOfReplaced() {
        return answered
                ? phxClose()
                : new byte[][] {Replies.error(serializer(), joinRef, requestRef, topic, Replies.REPLACED)};
    }

    /** A close without a join_ref would be taken for that of the channel that replaces it. */
    private byte[][] phxClose() {
        return rejoined && joinRef.isNull()
                ? new byte[0][]
                : new byte[][] {Replies.phxClose(serializer(), joinRef, topic)};
    }

    /** The last messages of a channel that has ended. On the thread of its handlers. */
    final byte[][] last(LeaveReason why) {
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

    /** A step of a channel on its lane. */
    abstract static class Step<C extends ChannelOutput<?>> extends LaneEntry {
        final C channel;

        Step(C channel) {
            this.channel = channel;
        }

        @Override
        public final void fault(Throwable fault) {
            channel.fault(fault);
        }
    }

    /** A message for the channel. */
    static final class Unicast extends Step<ChannelOutput<?>> {
        private final byte[] message;

        /** Null for an ordinary message. */
        private final @Nullable SlowDelivery slowDelivery;

        Unicast(ChannelOutput<?> channel, byte[] message, @Nullable SlowDelivery slowDelivery) {
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
    static final class Streamed extends Step<ChannelOutput<?>> {
        private final StreamedMessage message;

        Streamed(ChannelOutput<?> channel, StreamedMessage message) {
            super(channel);
            this.message = message;
        }

        @Override
        public void perform() {
            channel.write(message);
        }
    }
}
