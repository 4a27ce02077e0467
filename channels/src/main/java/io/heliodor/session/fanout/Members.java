package io.heliodor.session.fanout;

import io.heliodor.channel.FirstMessages;
import io.heliodor.channel.Socket;
import io.heliodor.history.Dot;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.PendingBatch;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The members of one topic that are of one kind: a plain array, used on the lane's thread alone. A broadcast walks it. */
@SuppressWarnings("ReferenceEquality") // a member is equal to itself alone
public class Members implements PendingBatch {
    /** A larger buffer gains nothing. */
    private static final int MAX_BATCH_BYTES = 64 << 10;

    private static final int MAX_BATCH = 64;
    private static final long[] NO_SENDERS = {};

    /** The topic of the members. */
    public interface Owner {
        /** Its name. */
        String name();

        /** Notes its broadcasts for traces. */
        BroadcastTap tap();

        /** Lets a channel become a member, whose join handler has accepted it. */
        void accept(JoinBarrier barrier, Payload.Json reply, FirstMessages first);

        /** Ends a join that was not accepted. */
        void refuse(JoinBarrier barrier);

        /** A member, or a channel about to be one, has left. */
        void leave(Members members);

        /** The token of all kept messages that this node has delivered; empty without a history. */
        Optional<String> position();

        /** A backlog for the first channel that is about to join. */
        JoinBacklog newBacklog();

        /** There is too much for a channel that is about to join. */
        void overrun();
    }

    private final Owner topic;
    private final Kind kind;

    /**
     * The number of members and of channels about to be, counted before they are in the array. Written under the topic's lock;
     * read by any thread.
     */
    private volatile int expectedMembers;

    /** The number of those whose joins were accepted. Guarded by the topic's lock. */
    private int acceptedMembers;

    private final ArrayList<TopicMember> members = new ArrayList<>(1);

    /** The outboxes of the members, by the same indices: otherwise a broadcast would wait for memory at each member. */
    private final ArrayList<Outbox> outboxes = new ArrayList<>(1);

    /** Broadcasts of this turn that wait to share a buffer. */
    private final ArrayList<BroadcastEntry> pendingBatch = new ArrayList<>(0);

    private int pendingBytes;

    /** The broadcasts since the oldest join whose handler runs; null while none does. */
    private @Nullable JoinBacklog backlog;

    /** Whether the batch has messages that their sender, a member, must not get. */
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
    public record Kind(Lane lane, Serializer serializer, SlowPolicies slow, Intercepts intercepts, boolean keeps) {}

    public Members(Owner topic, Kind kind) {
        this.topic = topic;
        this.kind = kind;
    }

    /** Sets the number of members, which the topic alone counts, under its lock. */
    void expect(int count) {
        expectedMembers = count;
    }

    /** The number of members and of channels about to be, counted before they are in the array. Any thread. */
    int expectedMembers() {
        return expectedMembers;
    }

    /** Sets the number of members whose joins were accepted. Under the topic's lock. */
    void accept(int count) {
        acceptedMembers = count;
    }

    /** The number of members whose joins were accepted. Under the topic's lock. */
    int acceptedMembers() {
        return acceptedMembers;
    }

    /** A join has begun: from now on the broadcasts are kept for it. */
    void begin(JoinBarrier barrier) {
        if (backlog == null) {
            backlog = topic.newBacklog();
        }
        backlog.begin(barrier);
    }

    /** A join needs its broadcasts no more. Returns them. */
    JoinBacklog.@Nullable Link end(JoinBarrier barrier) {
        JoinBacklog present = backlog;
        if (present == null) {
            return null;
        }
        JoinBacklog.Link held = present.end(barrier);
        if (present.isEmpty()) {
            backlog = null;
        }
        return held;
    }

    /**
     * Sends a member the broadcasts since the beginning of its join, before it {@linkplain #add enters}.
     *
     * @param known the kept messages that its state has
     */
    void sendBacklog(TopicMember member, JoinBarrier barrier, Predicate<Dot> known) {
        JoinBacklog.forEach(end(barrier), entry -> {
            boolean has = entry.dot != null && known.test(entry.dot);
            if (has || entry.broadcast.except() == member) {
                return;
            }
            if (kind.intercepts().take(entry.broadcast, entry.offset)) {
                member.intercept(entry);
            } else {
                topic.tap().sent(member, entry);
                entry.offerTo(member.outbox());
            }
        });
    }

    public Owner topic() {
        return topic;
    }

    /** Their number. On their lane. */
    public int size() {
        return members.size();
    }

    /** Passes each of them. On their lane. */
    public void forEach(Consumer<TopicMember> action) {
        members.forEach(action);
    }

    /** The properties that they have in common. */
    public final Kind kind() {
        return kind;
    }

    /** The lane that owns the members. Any thread. */
    public final Lane lane() {
        return kind.lane();
    }

    void add(TopicMember member) {
        flushBatch();
        member.memberIndex = members.size();
        members.add(member);
        outboxes.add(member.outbox());
    }

    /** The connections of the members. Any thread. */
    CompletableFuture<List<Socket<?>>> sockets(int limit, Duration timeout) {
        CompletableFuture<List<Socket<?>>> found = new CompletableFuture<>();
        Runnable task = () -> found.complete(members.stream()
                .limit(limit)
                .<Socket<?>>map(TopicMember::socket)
                .toList());
        if (lane().loop().inEventLoop()) {
            task.run();
        } else {
            lane().loop().execute(task);
        }
        return found.completeOnTimeout(List.of(), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    void remove(TopicMember member) {
        flushBatch();
        TopicMember last = members.removeLast();
        Outbox lastOutbox = outboxes.removeLast();
        if (last != member) {
            members.set(member.memberIndex, last);
            outboxes.set(member.memberIndex, lastOutbox);
            last.memberIndex = member.memberIndex;
        }
        member.memberIndex = TopicMember.NO_INDEX;
    }

    /** Adds a broadcast to the batch; an intercepted one goes into the mailboxes. */
    void accept(BroadcastEntry entry) {
        if (backlog != null && !entry.broadcast.isPresenceDiff()) {
            backlog.add(entry, topic::overrun);
            if (backlog.isEmpty()) {
                backlog = null;
            }
        }
        if (members.isEmpty()) {
            return;
        }
        if (kind.intercepts().take(entry.broadcast, entry.offset)) {
            intercept(entry);
            return;
        }
        topic.tap().sent(this, entry);
        if (pendingBatch.isEmpty()) {
            lane().addPendingBatch(this);
        }
        pendingBatch.add(entry);
        pendingBytes += entry.message.length;
        hasSenders |= isMember(entry.broadcast.except());
        if (pendingBatch.size() >= MAX_BATCH || pendingBytes >= MAX_BATCH_BYTES) {
            flushBatch();
        }
    }

    private boolean isMember(@Nullable Recipient channel) {
        return channel instanceof TopicMember member && member.isIn(this);
    }

    /** Does not end the batch: the handlers' output is a later entry of the lane's queue. */
    private void intercept(BroadcastEntry entry) {
        for (int i = 0; i < members.size(); i++) {
            TopicMember member = members.get(i);
            if (member != entry.broadcast.except()) {
                member.intercept(entry);
            }
        }
    }

    /** Sends the broadcasts that wait. Called before any other message of this topic is written. */
    @Override
    public void flushBatch() {
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

    /** Closes the connections of all members, since it is not known which of them got all messages. */
    void fault(Throwable fault) {
        outboxes.forEach(outbox -> outbox.messageLost(fault));
    }

    private void sendBatched() {
        FrameBatch batch = new FrameBatch(lane(), pendingBatch, pendingBytes);
        try {
            batch.sendTo(outboxes, hasSenders ? senders() : NO_SENDERS);
        } finally {
            batch.release();
        }
    }

    /** The broadcasts of the batch whose senders are among the members, and do not get them. */
    private long[] senders() {
        long[] senders = new long[pendingBatch.size()];
        int count = 0;
        for (int i = 0; i < senders.length; i++) {
            if (pendingBatch.get(i).broadcast.except() instanceof TopicMember except && except.isIn(this)) {
                senders[count++] = FrameBatch.sender(except.memberIndex, i);
            }
        }
        long[] found = Arrays.copyOf(senders, count);
        Arrays.sort(found);
        return found;
    }

    /** Writes to the only member, which needs no buffer to share. */
    private void sendUnbatched(TopicMember member, Outbox outbox) {
        for (BroadcastEntry entry : pendingBatch) {
            if (entry.broadcast.except() != member) {
                entry.offerTo(outbox);
            }
        }
    }

    /** A broadcast for some members. */
    static final class Entry extends BroadcastEntry {
        private final Members members;
        private final long expectedCost;

        Entry(
                Members members,
                Broadcast broadcast,
                Ref offset,
                @Nullable Dot dot,
                byte[] message,
                @Nullable SlowDelivery slowDelivery) {
            super(
                    broadcast,
                    offset,
                    dot,
                    message,
                    slowDelivery,
                    members.kind.intercepts().of(broadcast));
            this.members = members;
            this.expectedCost = cost(Math.max(1, members.expectedMembers()));
        }

        @Override
        public void perform() {
            members.accept(this);
        }

        @Override
        public long expectedCost() {
            return expectedCost;
        }

        @Override
        public long cost() {
            return cost(members.size());
        }

        private long cost(int clients) {
            return (OVERHEAD + (long) message.length) * clients;
        }

        @Override
        public void fault(Throwable fault) {
            members.fault(fault);
        }

        @Override
        public String topic() {
            return members.topic.name();
        }
    }
}
