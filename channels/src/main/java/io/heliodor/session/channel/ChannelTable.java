package io.heliodor.session.channel;

import io.heliodor.channel.LeaveReason;
import io.heliodor.observe.AuditEvent;
import io.heliodor.observe.Observation;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TokenBucket;
import io.heliodor.session.budget.TopicRates;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The channels of one connection that are joined or joining. Used on the lane's thread, except where stated.
 *
 * @param <S> the type of the connection's assigns
 */
public final class ChannelTable<S> {
    /** The time for the messages that wait when a client disconnects or joins again. A process of OTP has it for its shutdown. */
    public static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);

    private final ChannelOwner<S> owner;
    private final ChannelServices services;
    private final HandlerWatch handlers;

    /** The minimum of left topics whose tokens are kept: a client that may have one channel changes rooms as well. */
    private static final int MIN_LEFT_TOPICS = 100;

    /** A client has a handful of channels: walking a list is faster than hashing a fresh string. */
    private static final int MAX_WALK = 16;

    private final List<WireChannel<S, ?>> channels = new ArrayList<>(1);

    /** The channels by topic; null until there have been more than a handful. */
    private @Nullable Map<String, WireChannel<S, ?>> byTopic;

    /** The channels that end after the messages that wait: of a client that joined again, disconnected, or is drained. */
    private List<WireChannel<S, ?>> draining = List.of();

    /** The tokens of topics that were left; null while no channel has had a rate. */
    private @Nullable TopicRates rates;

    /** Null before the first check. */
    private @Nullable RightsCheck<S> rights;

    /** The number of channels whose handlers and hooks have not all returned, closed channels included. */
    private int running;

    /** Whether the client is unreachable: no presence of a channel that it joins is listed. */
    private boolean unreachable;

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

    /** The tokens of topics that were left. */
    TopicRates rates() {
        if (rates == null) {
            rates = new TopicRates(
                    Math.max(MIN_LEFT_TOPICS, services.budget().limits().maxChannels()),
                    services.budget().memory());
        }
        return rates;
    }

    /** Finds handlers that do not return. Any thread, for channels that are ending. */
    HandlerWatch handlers() {
        return handlers;
    }

    /** The channels that are joined or joining now. */
    public List<WireChannel<S, ?>> channels() {
        return channels;
    }

    /** The topics of the first channels that are joined or joining, at most so many. */
    public List<String> topics(int limit) {
        return channels.stream().limit(limit).map(WireChannel::topic).toList();
    }

    /** The number of channels whose handlers and hooks have not all returned, closed channels included. */
    public int running() {
        return running;
    }

    @Nullable
    public WireChannel<S, ?> find(String topic) {
        if (byTopic != null) {
            return byTopic.get(topic);
        }
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
     * @param decodedBytes those of {@link Callbacks#decodedBytesOfJoin}
     * @param max the limit of the channels of a connection
     * @return false if the client has too many
     */
    public boolean open(
            Callbacks<S, ?> callbacks,
            String topic,
            Ref joinRef,
            Ref requestRef,
            Payload payload,
            long decodedBytes,
            int max) {
        WireChannel<S, ?> old = find(topic);
        // A handler that blocks outlives its channel; a client that repeats joins must not accumulate such handlers.
        if ((old == null && channels.size() >= max) || running / 2 >= max) {
            return false;
        }
        if (old != null) {
            boolean _ = forget(old); // before the new one takes the tokens that are left
        }
        WireChannel<S, ?> channel = new WireChannel<>(this, callbacks, topic, joinRef, requestRef);
        if (old != null) {
            replace(old, channel);
        }
        add(channel);
        if (unreachable) {
            channel.markUnreachable();
        }
        running++;
        services.budget().memory().add(MemoryBudget.CHANNEL_BYTES);
        services.counters().increment(Counter.CHANNELS);
        channel.post(new Mail.JoinRequested(payload, decodedBytes));
        return true;
    }

    private void add(WireChannel<S, ?> channel) {
        channels.add(channel);
        if (byTopic != null) {
            byTopic.put(channel.topic(), channel);
        } else if (channels.size() > MAX_WALK) {
            Map<String, WireChannel<S, ?>> all = new HashMap<>();
            channels.forEach(each -> all.put(each.topic(), each));
            byTopic = all;
        }
    }

    /** Removes a channel that is closed on the wire. Returns whether it was in the table. */
    boolean forget(WireChannel<?, ?> channel) {
        if (!channels.remove(channel)) {
            return false;
        }
        if (byTopic != null) {
            byTopic.remove(channel.topic());
        }
        services.counters().add(Counter.CHANNELS, -1);
        TokenBucket messages = channel.messages();
        if (messages != null) {
            rates().leave(channel.topic(), messages, services.budget().now());
        }
        return true;
    }

    /** A channel's handlers and hooks have all returned. */
    void finished() {
        running--;
        services.budget().memory().add(-MemoryBudget.CHANNEL_BYTES);
    }

    /**
     * Ends a channel whose client joins its topic again, after the messages that wait; the new one starts then. Without a
     * message it ends now, and a join or an intercept that runs is interrupted: its client has given it up.
     */
    private void replace(WireChannel<S, ?> old, WireChannel<S, ?> next) {
        LeaveReason why = new LeaveReason.Replaced();
        // Its process may take a message, or handle the last one, between the two.
        boolean ends = old.replace(why);
        while (!ends) {
            ends = old.endAfterMessages(why, true, drainDeadline());
            if (ends) {
                drains(old);
            } else {
                ends = old.replace(why);
            }
        }
        next.startAfter(old);
    }

    /** The time at which messages are dropped that wait for a channel which ends now. */
    public long drainDeadline() {
        return services.budget().now() + DRAIN_TIMEOUT.toNanos();
    }

    /** A channel ends after the messages that wait. */
    private void drains(WireChannel<S, ?> channel) {
        if (draining.isEmpty()) {
            draining = new ArrayList<>(1);
        }
        if (!draining.contains(channel)) {
            draining.add(channel);
        }
    }

    /** Returns whether the channel drained until now. */
    private boolean drainsNoMore(WireChannel<?, ?> channel) {
        return !draining.isEmpty() && draining.remove(channel);
    }

    /** The messages that a channel had when it began to drain are handled. */
    void drained(WireChannel<?, ?> channel) {
        if (drainsNoMore(channel) && draining.isEmpty()) {
            owner.drained();
        }
    }

    /** Whether no channel drains, and no thread runs one or is about to. */
    public boolean rests() {
        if (!draining.isEmpty()) {
            return false;
        }
        for (int i = 0; i < channels.size(); i++) {
            if (channels.get(i).mailbox().idleRuns() < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether channels end after messages that wait. */
    public boolean isDraining() {
        return !draining.isEmpty();
    }

    /**
     * Ends the channels after the messages that wait and their deferred replies, while their connection stays open. Ends none that
     * has neither.
     */
    public void drain(LeaveReason why) {
        for (WireChannel<S, ?> channel : channels) {
            if (channel.drain(why)) {
                drains(channel);
            }
        }
    }

    /**
     * Drops the messages of channels that have drained for too long, and interrupts their handlers.
     *
     * @return how many messages were dropped, and the handlers that were interrupted
     */
    public Discarded discardOverdue(long now) {
        return draining.isEmpty() ? Discarded.NOTHING : discard(channel -> channel.hasDrainedBy(now), true);
    }

    /**
     * Drops the messages of a channel, and interrupts its handler, if it drains.
     *
     * @return whether it did
     */
    boolean discard(WireChannel<?, ?> channel) {
        boolean drains = draining.contains(channel);
        Discarded _ = discard(each -> each.equals(channel), true);
        return drains;
    }

    /** Drops the messages of all channels that drain. */
    public Discarded discardAll(boolean interrupt) {
        return discard(channel -> true, interrupt);
    }

    private Discarded discard(Predicate<WireChannel<S, ?>> which, boolean interrupt) {
        int messages = 0;
        List<String> handlers = new ArrayList<>();
        for (WireChannel<S, ?> channel : List.copyOf(draining)) {
            if (which.test(channel)) {
                channel.runningHandler().ifPresent(handler -> handlers.add(on(handler, channel)));
                boolean _ = forget(channel);
                messages += channel.discard(interrupt);
                drained(channel);
            }
        }
        return new Discarded(messages, handlers);
    }

    /**
     * Messages that were accepted and dropped.
     *
     * @param messages how many waited
     * @param handlers the handlers that ran, for logs
     */
    public record Discarded(int messages, List<String> handlers) {
        static final Discarded NOTHING = new Discarded(0, List.of());

        /** Whether there was neither a message nor a handler. */
        public boolean isNothing() {
            return messages == 0 && handlers.isEmpty();
        }
    }

    /** Ends a channel for a reason of the application, in a later turn. Any thread. */
    void stop(WireChannel<S, ?> channel, String why) {
        owner.onLane(() -> {
            // A channel that is ending, for instance because a handler threw, ends in its own way.
            if (channels.contains(channel) && channel.mailbox().reason() == null) {
                boolean _ = forget(channel);
                channel.close(
                        new LeaveReason.Stopped(why), false, channel.last(Replies.CHANNEL_CLOSED, phxClose(channel)));
            }
        });
    }

    /** Removes the client from a topic, unless it requested to join later than a time. */
    public void remove(String topic, long at) {
        Discarded _ = discard(channel -> channel.topic().equals(topic) && channel.hasBegunBy(at), false);
        WireChannel<S, ?> channel = find(topic);
        if (channel != null && channel.hasBegunBy(at)) {
            boolean _ = forget(channel);
            auditRemoval(topic, "removed");
            channel.close(new LeaveReason.Removed(), false, last(channel, phxClose(channel), Replies.REMOVED));
        }
    }

    private void auditRemoval(String topic, String why) {
        services.observers()
                .audit()
                .write(
                        AuditEvent.REMOVED,
                        fields -> fields.of(owner).with("topic", topic).with("reason", why));
    }

    /** Checks the rights of all channels again, and ends those that have lost theirs. */
    public void recheck() {
        if (rights == null) {
            rights = new RightsCheck<>(owner, services.handlerLog(), this::channels);
        }
        rights.check();
    }

    /** Whether rights are being checked. */
    public boolean isRechecking() {
        return rights != null && rights.isChecking();
    }

    /** Ends a channel that has lost its right. */
    void endUnauthorized(WireChannel<S, ?> channel) {
        if (discard(channel) || !forget(channel)) {
            return;
        }
        services.counters().increment(Counter.CHANNELS_UNAUTHORIZED);
        auditRemoval(channel.topic(), "unauthorized");
        byte[] close = Replies.phxClose(serializer(), channel.joinRef(), channel.topic(), Replies.UNAUTHORIZED);
        channel.close(new LeaveReason.Unauthorized(), false, last(channel, close, Replies.UNAUTHORIZED));
    }

    /** A join without a reply is refused first: phoenix.js would repeat it at its timeout. The close then ends the channel. */
    private byte[][] last(WireChannel<S, ?> channel, byte[] close, Payload.Json reason) {
        return channel.joining()
                ? new byte[][] {refusal(channel, reason), close}
                : channel.last(Replies.CHANNEL_CLOSED, close);
    }

    /** Ends a channel as after a crash. Returns false if it is closed already. */
    boolean fail(WireChannel<?, ?> channel, Throwable cause, boolean interrupt) {
        if (!forget(channel)) {
            return false;
        }
        services.counters().increment(Counter.CHANNELS_FAILED);
        if (channel.joining()) {
            services.joinFailed().accept(channel.topic(), cause);
        }
        byte[][] last = channel.joining()
                ? new byte[][] {refusal(channel, Replies.JOIN_CRASHED)}
                : channel.last(
                        Replies.CALL_CRASHED, Replies.phxError(serializer(), channel.joinRef(), channel.topic()));
        channel.close(new LeaveReason.Failed(cause), interrupt, last);
        return true;
    }

    /** Ends a channel whose intercepts do not keep up with the broadcasts of its topic, in a later turn. */
    void failOverrun(WireChannel<?, ?> channel, String event) {
        // Later, since the caller walks the members of the topic.
        owner.onLane(() -> {
            String running = channel.runningHandler().orElse("no handler");
            if (fail(channel, new IllegalStateException("its mailbox was full when a broadcast came"), false)) {
                services.handlerLog().overrun(owner, channel.topic(), event, running);
            }
        });
    }

    /** Refuses a join whose handler has accepted it, because the client has not read the messages of earlier ones. */
    void refuseUnread(WireChannel<S, ?> channel) {
        boolean _ = forget(channel);
        services.counters().increment(Counter.JOINS_UNREAD);
        joinRefused(channel.topic(), "unread");
        channel.close(new LeaveReason.Removed(), false, refusal(channel, Replies.OVERLOADED));
    }

    /** A join was refused. Any thread. */
    public void joinRefused(String topic, String why) {
        services.counters().increment(Counter.JOINS_REFUSED);
        services.observers().happened(() -> new Observation.JoinRefused(owner.correlationId(), topic, why));
        services.observers()
                .audit()
                .write(
                        AuditEvent.JOIN_REFUSED,
                        fields -> fields.of(owner).with("topic", topic).with("reason", why));
    }

    /** Ends the presences of the channels now, though the connection is closed later. */
    public void markUnreachable() {
        unreachable = true;
        channels.forEach(WireChannel::markUnreachable);
    }

    /** Writes the broadcasts that wait for the end of the turn. */
    public void flushBatches() {
        channels.forEach(WireChannel::flushBatch);
    }

    /** How the channels of a connection end. */
    public enum End {
        /** After the messages that wait, 5 s later at the latest. */
        AFTER_MESSAGES,
        /** Now: the messages that wait are dropped. */
        NOW,
        /** Now, and the handlers that run are interrupted. */
        INTERRUPTED
    }

    /**
     * Ends all channels with their connection.
     *
     * @param deadline the time at which messages are dropped that wait
     * @return the last fault; null if there was none
     */
    @Nullable
    public Throwable closeAll(LeaveReason why, End end, long deadline) {
        Throwable fault = null;
        if (end != End.AFTER_MESSAGES) {
            Discarded _ = discardAll(end == End.INTERRUPTED);
        }
        draining.forEach(channel -> channel.disconnect(deadline));
        for (WireChannel<S, ?> channel : channels) {
            try {
                if (end == End.AFTER_MESSAGES && channel.endAfterMessages(why, false, deadline)) {
                    drains(channel);
                } else {
                    boolean _ = drainsNoMore(channel); // one that awaited deferred replies
                    channel.close(why, end == End.INTERRUPTED);
                }
            } catch (Throwable e) {
                fault = e; // the other channels must end too, and the session after them
            }
        }
        services.counters().add(Counter.CHANNELS, -channels.size());
        channels.clear();
        byTopic = null;
        if (rates != null) {
            rates.clear();
        }
        return fault;
    }

    /** The handlers that keep the client from being read, for logs: those of full mailboxes, or all if none is full. */
    public String slowHandlers() {
        boolean full = channels.stream().anyMatch(channel -> channel.mailbox().isFull());
        List<String> names = new ArrayList<>();
        for (WireChannel<S, ?> channel : channels) {
            if (channel.mailbox().isFull() || !full) {
                channel.runningHandler().ifPresent(handler -> names.add(on(handler, channel)));
            }
        }
        return names.isEmpty() ? "none runs at this moment" : String.join(", ", names);
    }

    private static String on(String handler, WireChannel<?, ?> channel) {
        return handler + " on " + ControlCharacters.escaped(channel.topic());
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
