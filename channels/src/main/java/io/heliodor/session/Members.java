package io.heliodor.session;

import io.heliodor.wire.Serializer;
import java.util.ArrayList;
import java.util.List;

/**
 * The members of one topic on one lane that share a serializer and the policies for slow clients: a plain array, touched by
 * the lane's thread alone. A broadcast walks it.
 */
final class Members {
    /** Beyond this, joining more messages into one buffer gains nothing. */
    private static final int MOST_RUN_BYTES = 64 << 10;

    private static final int MOST_RUN = 64;

    private final FastlaneTopic topic;
    final Lane lane;
    final Serializer serializer;

    /** What their channels say of members that are behind. */
    final SlowPolicies slow;

    /** How many joined, counted under the topic's lock, ahead of the array. */
    volatile int promised;

    private final ArrayList<ChannelProcess<?, ?>> members = new ArrayList<>(1);

    /** Those of the members, seat by seat: a broadcast to many would wait for memory at each member otherwise. */
    private final ArrayList<Outbox> outboxes = new ArrayList<>(1);

    private int intercepting;

    /** Broadcasts of this turn that wait to share a buffer. */
    private final List<byte[]> run = new ArrayList<>(0);

    private int runBytes;

    Members(FastlaneTopic topic, Lane lane, Serializer serializer, SlowPolicies slow) {
        this.topic = topic;
        this.lane = lane;
        this.serializer = serializer;
        this.slow = slow;
    }

    FastlaneTopic topic() {
        return topic;
    }

    int size() {
        return members.size();
    }

    void add(ChannelProcess<?, ?> member) {
        flushRun();
        member.seat = members.size();
        members.add(member);
        outboxes.add(member.outbox());
        if (member.intercepts()) {
            intercepting++;
        }
    }

    void remove(ChannelProcess<?, ?> member) {
        flushRun();
        ChannelProcess<?, ?> last = members.removeLast();
        Outbox lastOutbox = outboxes.removeLast();
        if (last != member) {
            members.set(member.seat, last);
            outboxes.set(member.seat, lastOutbox);
            last.seat = member.seat;
        }
        member.seat = ChannelProcess.NO_SEAT;
        if (member.intercepts()) {
            intercepting--;
        }
    }

    /** Takes a broadcast: plain ones wait for the end of the turn and share a buffer, others go out now. */
    void accept(Entry.ToMembers entry) {
        Broadcast broadcast = entry.broadcast;
        if (members.isEmpty()) {
            return;
        }
        if (broadcast.except() != null || intercepting > 0 || entry.perishable != null) {
            flushRun();
            one(entry);
            return;
        }
        if (run.isEmpty()) {
            lane.hasRun(this);
        }
        run.add(entry.message);
        runBytes += entry.message.length;
        if (run.size() == MOST_RUN || runBytes >= MOST_RUN_BYTES) {
            flushRun();
        }
    }

    /** Sends the broadcasts that waited. Before anything else of this topic is written. */
    void flushRun() {
        if (run.isEmpty()) {
            return;
        }
        if (members.size() == 1) {
            Outbox outbox = outboxes.getFirst();
            for (byte[] message : run) {
                outbox.offer(message);
            }
        } else {
            Loop.Shared shared = lane.loop().share(run);
            for (int i = 0; i < outboxes.size(); i++) {
                outboxes.get(i).offer(shared);
            }
            shared.release();
            lane.traffic().sent((long) run.size() * outboxes.size(), (long) runBytes * outboxes.size());
        }
        run.clear();
        runBytes = 0;
    }

    private void one(Entry.ToMembers entry) {
        Broadcast broadcast = entry.broadcast;
        Loop.Shared shared = lane.loop().share(List.of(entry.message));
        boolean looking = intercepting > 0;
        int sent = 0;
        for (int i = 0; i < members.size(); i++) {
            ChannelProcess<?, ?> member = members.get(i);
            if (member == broadcast.except() || (looking && member.intercept(entry))) {
                continue;
            }
            sent++;
            if (entry.perishable == null) {
                outboxes.get(i).offer(shared);
            } else {
                outboxes.get(i).offer(shared, entry.perishable);
            }
        }
        shared.release();
        lane.traffic().sent(sent, (long) sent * entry.message.length);
    }
}
