package io.heliodor.session;

import io.heliodor.wire.Serializer;
import java.util.ArrayList;
import java.util.List;

/**
 * The members of one topic on one lane that share a serializer: a plain array, touched by the lane's thread alone. A
 * broadcast walks it.
 */
final class Members {
    /** Beyond this, joining more messages into one buffer gains nothing. */
    private static final int MOST_RUN_BYTES = 64 << 10;

    private static final int MOST_RUN = 64;

    private final FastlaneTopic topic;
    final Lane lane;
    final Serializer serializer;

    /** How many joined, counted under the topic's lock, ahead of the array. */
    volatile int promised;

    private final ArrayList<ChannelProcess<?, ?>> members = new ArrayList<>(1);
    private int intercepting;

    /** Broadcasts of this turn that wait to share a buffer. */
    private final List<byte[]> run = new ArrayList<>(0);

    private int runBytes;

    Members(FastlaneTopic topic, Lane lane, Serializer serializer) {
        this.topic = topic;
        this.lane = lane;
        this.serializer = serializer;
    }

    FastlaneTopic topic() {
        return topic;
    }

    void add(ChannelProcess<?, ?> member) {
        flushRun();
        member.seat = members.size();
        members.add(member);
        if (member.intercepts()) {
            intercepting++;
        }
    }

    void remove(ChannelProcess<?, ?> member) {
        flushRun();
        ChannelProcess<?, ?> last = members.removeLast();
        if (last != member) {
            members.set(member.seat, last);
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
        if (broadcast.except() != null || intercepting > 0) {
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
            Outbox outbox = members.getFirst().outbox();
            for (byte[] message : run) {
                outbox.offer(message);
            }
        } else {
            Loop.Shared shared = lane.loop().share(run);
            for (int i = 0; i < members.size(); i++) {
                members.get(i).outbox().offer(shared);
            }
            shared.release();
        }
        run.clear();
        runBytes = 0;
    }

    private void one(Entry.ToMembers entry) {
        Broadcast broadcast = entry.broadcast;
        Loop.Shared shared = lane.loop().share(List.of(entry.message));
        for (int i = 0; i < members.size(); i++) {
            ChannelProcess<?, ?> member = members.get(i);
            if (member == broadcast.except()) {
                continue;
            }
            if (!member.intercept(broadcast, entry.message)) {
                member.outbox().offer(shared);
            }
        }
        shared.release();
    }
}
