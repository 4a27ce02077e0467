package io.heliodor.session.channel;

import io.heliodor.channel.LeaveReason;
import io.heliodor.observe.Observation;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels of one connection that are joined or joining. Used on the lane's thread, except where stated.
 *
 * @param <S> the type of the connection's assigns
 */
public final class ChannelTable<S> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    private final ChannelOwner<S> owner;
    private final ChannelServices services;
    private final HandlerWatch handlers;

    /** A client has a handful of channels, at most 100 by default: walking a list is faster than hashing a fresh string. */
    private final List<WireChannel<S, ?>> channels = new ArrayList<>(1);

    /** The number of channels whose handlers and hooks have not all returned, closed channels included. */
    private int running;

    public ChannelTable(ChannelOwner<S> owner, ChannelServices services, HandlerWatch handlers) {
        this.owner = owner;
        this.services = services;
        this.handlers = handlers;
    }

    /** The session of the channels. Any thread. */
    ChannelOwner<S> owner() {
        return owner;
    }

    /** The parts that the channels of an endpoint share. Any thread. */
    ChannelServices services() {
        return services;
    }

    /** Finds handlers that do not return. Any thread, for channels that are ending. */
    HandlerWatch handlers() {
        return handlers;
    }

    /** The channels that are joined or joining now. */
    public List<WireChannel<S, ?>> channels() {
        return channels;
    }

    /** The number of channels whose handlers and hooks have not all returned, closed channels included. */
    public int running() {
        return running;
    }

    @Nullable
    public WireChannel<S, ?> find(String topic) {
        for (int i = 0; i < channels.size(); i++) {
            WireChannel<S, ?> channel = channels.get(i);
            if (channel.topic().equals(topic)) {
                return channel;
            }
        }
        return null;
    }

    /**
     * Adds a channel and has its join handler called; a channel of the same topic is closed first.
     *
     * @param max the limit of the channels of a connection
     * @return false if the client has too many
     */
    public boolean open(
            Callbacks<S, ?> callbacks, String topic, Ref joinRef, Ref requestRef, Payload payload, int max) {
        WireChannel<S, ?> old = find(topic);
        // A handler that blocks outlives its channel; a client that repeats joins must not accumulate such handlers.
        if ((old == null && channels.size() >= max) || running / 2 >= max) {
            return false;
        }
        if (old != null) {
            replace(old);
        }
        WireChannel<S, ?> channel = new WireChannel<>(this, callbacks, topic, joinRef, requestRef);
        channels.add(channel);
        running++;
        services.budget().memory().add(MemoryBudget.CHANNEL_BYTES);
        services.counters().increment(Counter.CHANNELS);
        channel.post(new Mail.JoinRequested(payload));
        return true;
    }

    /** Removes a channel that is closed on the wire. Returns whether it was in the table. */
    boolean forget(WireChannel<?, ?> channel) {
        if (!channels.remove(channel)) {
            return false;
        }
        services.counters().add(Counter.CHANNELS, -1);
        return true;
    }

    /** A channel's handlers and hooks have all returned. */
    void finished() {
        running--;
        services.budget().memory().add(-MemoryBudget.CHANNEL_BYTES);
    }

    /** Closes a channel whose client joins its topic again. */
    private void replace(WireChannel<S, ?> old) {
        boolean _ = forget(old);
        old.close(new LeaveReason.Replaced(), true, lastOfReplaced(old));
    }

    private byte[][] lastOfReplaced(WireChannel<S, ?> old) {
        if (old.joining()) {
            return new byte[][] {refusal(old, Replies.REPLACED)};
        }
        if (old.joinRef().isNull()) {
            return new byte[0][]; // a close without a join_ref would be taken for that of the new channel
        }
        return new byte[][] {phxClose(old)};
    }

    /** Ends a channel for a reason of the application, in a later turn. Any thread. */
    void stop(WireChannel<S, ?> channel, String why) {
        owner.onLane(() -> {
            // A channel that is ending, for instance because a handler threw, ends in its own way.
            if (channels.contains(channel) && channel.mailbox().reason() == null) {
                boolean _ = forget(channel);
                channel.close(new LeaveReason.Stopped(why), false, phxClose(channel));
            }
        });
    }

    /** Removes the client from a topic, unless it requested to join later than a time. */
    public void remove(String topic, long at) {
        WireChannel<S, ?> channel = find(topic);
        if (channel != null && channel.hasBegunBy(at)) {
            boolean _ = forget(channel);
            channel.close(new LeaveReason.Removed(), false, lastOfRemoved(channel));
        }
    }

    /** A join without a reply is refused first: phoenix.js would repeat it at its timeout. The close then ends the channel. */
    private byte[][] lastOfRemoved(WireChannel<S, ?> channel) {
        byte[] close = phxClose(channel);
        return channel.joining() ? new byte[][] {refusal(channel, Replies.REMOVED), close} : new byte[][] {close};
    }

    /** Ends a channel as after a crash. Returns false if it is closed already. */
    boolean fail(WireChannel<?, ?> channel, Exception cause, boolean interrupt) {
        if (!forget(channel)) {
            return false;
        }
        services.counters().increment(Counter.CHANNELS_FAILED);
        if (channel.joining()) {
            services.joinFailed().accept(channel.topic(), cause);
        }
        byte[] last = channel.joining()
                ? refusal(channel, Replies.JOIN_CRASHED)
                : Replies.phxError(serializer(), channel.joinRef(), channel.topic());
        channel.close(new LeaveReason.Failed(cause), interrupt, last);
        return true;
    }

    /** Ends a channel whose intercepts do not keep up with the broadcasts of its topic, in a later turn. */
    void failOverrun(WireChannel<?, ?> channel, String event) {
        // Later, since the caller walks the members of the topic.
        owner.onLane(() -> {
            String running = channel.runningHandler().orElse("no handler");
            if (fail(channel, new IllegalStateException("its mailbox was full when a broadcast came"), false)) {
                LOG.atWarn()
                        .addKeyValue(LogContext.KEY, owner.correlationId())
                        .log(
                                "Channel {} does not keep up with its intercepted broadcasts of '{}', while {} runs; it ends.",
                                channel.topic(),
                                event,
                                running);
            }
        });
    }

    /** A join was refused. Any thread. */
    public void joinRefused(String topic, String why) {
        services.counters().increment(Counter.JOINS_REFUSED);
        services.observers().happened(() -> new Observation.JoinRefused(owner.correlationId(), topic, why));
    }

    /** Ends the presences of the channels now, though the connection is closed later. */
    public void markUnreachable() {
        channels.forEach(WireChannel::markUnreachable);
    }

    /** Writes the broadcasts that wait for the end of the turn. */
    public void flushBatches() {
        channels.forEach(WireChannel::flushBatch);
    }

    /** Ends all channels with their connection. Returns the last fault; null if there was none. */
    @Nullable
    public Throwable closeAll(LeaveReason why, boolean interrupt) {
        Throwable fault = null;
        for (WireChannel<S, ?> channel : channels) {
            try {
                channel.close(why, interrupt);
            } catch (Throwable e) {
                fault = e; // the other channels must end too, and the session after them
            }
        }
        services.counters().add(Counter.CHANNELS, -channels.size());
        channels.clear();
        return fault;
    }

    /** The handlers that keep the client from being read, for logs: those of full mailboxes, or all if none is full. */
    public String slowHandlers() {
        boolean full = channels.stream().anyMatch(channel -> channel.mailbox().isFull());
        List<String> names = new ArrayList<>();
        for (WireChannel<S, ?> channel : channels) {
            if (channel.mailbox().isFull() || !full) {
                channel.runningHandler().ifPresent(handler -> names.add(handler + " on " + channel.topic()));
            }
        }
        return names.isEmpty() ? "none runs at this moment" : String.join(", ", names);
    }

    private Serializer serializer() {
        return owner.serializer();
    }

    private byte[] refusal(WireChannel<?, ?> channel, Payload.Json reason) {
        return Replies.error(serializer(), channel.joinRef(), channel.requestRef(), channel.topic(), reason);
    }

    private byte[] phxClose(WireChannel<?, ?> channel) {
        return Replies.phxClose(serializer(), channel.joinRef(), channel.topic());
    }
}
