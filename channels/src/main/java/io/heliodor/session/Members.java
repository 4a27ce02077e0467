package io.heliodor.session;

import io.heliodor.channel.Socket;
import io.heliodor.history.VersionVector;
import io.heliodor.wire.Serializer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The members of one topic that are of one kind: a plain array, touched by the lane's thread alone. A broadcast walks it.
 */
final class Members {
    /** Beyond this, joining more messages into one buffer gains nothing. */
    private static final int MAX_BATCH_BYTES = 64 << 10;

    private static final int MAX_BATCH = 64;
    private static final long[] NO_SENDERS = {};
    private static final long LOOP_TIMEOUT_SECONDS = 10;

    private final FastlaneTopic topic;
    private final Kind kind;

    /** How many joined, counted under the topic's lock, ahead of the array. */
    volatile int expectedMembers;

    private final ArrayList<ChannelProcess<?, ?>> members = new ArrayList<>(1);

    /** Those of the members, by the same indices: a broadcast to many would wait for memory at each member otherwise. */
    private final ArrayList<Outbox> outboxes = new ArrayList<>(1);

    /** Broadcasts of this turn that wait to share a buffer. */
    private final ArrayList<Entry.ToMembers> pendingBatch = new ArrayList<>(0);

    private int pendingBytes;

    /** Whether the batch has messages that a member sent and is not to get. */
    private boolean hasSenders;

    /**
     * The properties that some members have in common, so that a broadcast means the same for all of them.
     *
     * @param lane the lane that owns them
     * @param serializer the encoder of their version of the wire
     * @param slow the slow policies of their channels
     * @param intercepts the intercepts of their channels
     * @param keeps whether their channels keep a history
     */
    record Kind(Lane lane, Serializer serializer, SlowPolicies slow, Intercepts intercepts, boolean keeps) {}

    /** The messages of the history that they have and this node has not. Guarded by the topic's lock. */
    private VersionVector ahead;

    private final boolean beganAhead;

    /** Whether the next kept message is to show that some were missed. Guarded by the topic's lock. */
    boolean gap;

    Members(FastlaneTopic topic, Kind kind, VersionVector ahead) {
        this.topic = topic;
        this.kind = kind;
        this.ahead = ahead;
        this.beganAhead = ahead.size() > 0;
    }

    boolean beganAhead() {
        return beganAhead;
    }

    VersionVector ahead() {
        return ahead;
    }

    /** This node has all that they had. */
    void caughtUp() {
        ahead = VersionVector.NONE;
    }

    FastlaneTopic topic() {
        return topic;
    }

    int size() {
        return members.size();
    }

    Kind kind() {
        return kind;
    }

    Lane lane() {
        return kind.lane();
    }

    void add(ChannelProcess<?, ?> member) {
        flushBatch();
        member.memberIndex = members.size();
        members.add(member);
        outboxes.add(member.outbox());
    }

    /** The connections of the members. Any thread. */
    CompletableFuture<List<Socket<?>>> sockets() {
        CompletableFuture<List<Socket<?>>> found = new CompletableFuture<>();
        Runnable task = () -> found.complete(
                members.stream().<Socket<?>>map(ChannelProcess::socket).toList());
        if (lane().loop().inEventLoop()) {
            task.run();
        } else {
            lane().loop().execute(task);
        }
        // The loop of an endpoint that has closed runs no tasks.
        return found.completeOnTimeout(List.of(), LOOP_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    void remove(ChannelProcess<?, ?> member) {
        flushBatch();
        ChannelProcess<?, ?> last = members.removeLast();
        Outbox lastOutbox = outboxes.removeLast();
        if (last != member) {
            members.set(member.memberIndex, last);
            outboxes.set(member.memberIndex, lastOutbox);
            last.memberIndex = member.memberIndex;
        }
        member.memberIndex = ChannelProcess.NO_INDEX;
    }

    /** Takes a broadcast: an intercepted one goes into the mailboxes, any other waits for the end of the batch. */
    void accept(Entry.ToMembers entry) {
        if (members.isEmpty()) {
            return;
        }
        if (kind.intercepts().take(entry.broadcast, entry.offset)) {
            intercept(entry);
            return;
        }
        if (pendingBatch.isEmpty()) {
            lane().hasBatch(this);
        }
        pendingBatch.add(entry);
        pendingBytes += entry.message.length;
        hasSenders |= isMember(entry.broadcast.except());
        if (pendingBatch.size() >= MAX_BATCH || pendingBytes >= MAX_BATCH_BYTES) {
            flushBatch();
        }
    }

    private boolean isMember(@Nullable ChannelProcess<?, ?> channel) {
        return channel != null && channel.isIn(this);
    }

    /** Does not end the batch: the handlers' output is a later entry of the lane's queue. */
    private void intercept(Entry.ToMembers entry) {
        for (int i = 0; i < members.size(); i++) {
            ChannelProcess<?, ?> member = members.get(i);
            if (member != entry.broadcast.except()) {
                member.intercept(entry);
            }
        }
    }

    /** Sends the broadcasts that wait. Before anything else of this topic is written. */
    void flushBatch() {
        if (pendingBatch.isEmpty()) {
            return;
        }
        try {
            if (members.size() == 1) {
                sendUnbatched(members.getFirst(), outboxes.getFirst());
            } else {
                sendBatched();
            }
        } catch (Throwable e) {
            fault(e);
        }
        pendingBatch.clear();
        pendingBytes = 0;
        hasSenders = false;
    }

    /** Closes all of them: which of them got everything is not known. */
    void fault(Throwable fault) {
        outboxes.forEach(outbox -> outbox.lost(fault));
    }

    private void sendBatched() {
        FrameBatch batch = new FrameBatch(lane(), pendingBatch, pendingBytes);
        try {
            batch.sendTo(outboxes, hasSenders ? FrameBatch.senders(pendingBatch, this) : NO_SENDERS);
        } finally {
            batch.release();
        }
    }

    /** Writes to the only member, which needs no buffer to share. */
    private void sendUnbatched(ChannelProcess<?, ?> member, Outbox outbox) {
        for (Entry.ToMembers entry : pendingBatch) {
            if (entry.broadcast.except() != member) {
                entry.offerTo(outbox);
            }
        }
    }
}
