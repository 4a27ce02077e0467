package io.heliodor.session.fanout;

import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.Loop;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.SlowDelivery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Broadcasts to one topic that are written together, framed once into one buffer. A sender that does not get its own messages
 * gets ranges of the buffer. Used on the lane's thread. See {@code docs/design/session.md}.
 */
final class FrameBatch {
    private final Lane lane;
    private final List<BroadcastEntry> entries;
    private final int bytes;
    private final boolean slow;
    private final Loop.Shared all;

    /** Each message in a buffer of its own, for clients that cannot be written to at once; null until there is one. */
    private Loop.@Nullable Shared @Nullable [] singles;

    /**
     * A batch of at least one message.
     *
     * @param entries the broadcasts in order; they stay as they are until the release
     * @param bytes the length of their messages together
     */
    FrameBatch(Lane lane, List<BroadcastEntry> entries, int bytes) {
        this.lane = lane;
        this.entries = entries;
        this.bytes = bytes;
        List<byte[]> messages = new ArrayList<>(entries.size());
        boolean anySlow = false;
        for (BroadcastEntry entry : entries) {
            messages.add(entry.message);
            anySlow |= entry.slowDelivery != null;
        }
        this.slow = anySlow;
        this.all = lane.loop().share(messages);
    }

    /**
     * Writes the batch to all members, but to a sender only the rest of it.
     *
     * @param outboxes those of the members, by their indices
     * @param senders the broadcasts that their own senders do not get, as {@link #sender} returns each; sorted
     */
    void sendTo(List<Outbox> outboxes, long[] senders) {
        int member = 0;
        int next = 0;
        while (next < senders.length) {
            int sender = memberIndex(senders[next]);
            sendAll(outboxes, member, sender);
            int first = next;
            while (next < senders.length && memberIndex(senders[next]) == sender) {
                next++;
            }
            try {
                sendRest(outboxes.get(sender), Arrays.copyOfRange(senders, first, next));
            } catch (Throwable e) {
                outboxes.get(sender).messageLost(e);
            }
            member = sender + 1;
        }
        sendAll(outboxes, member, outboxes.size());
    }

    /** A broadcast that its sender does not get, as one number: the sender's index among the members, then its own in the batch. */
    static long sender(int memberIndex, int messageIndex) {
        return (long) memberIndex << Integer.SIZE | messageIndex;
    }

    private static int memberIndex(long sender) {
        return (int) (sender >>> Integer.SIZE);
    }

    private static int messageIndex(long sender) {
        return (int) sender;
    }

    private void sendAll(List<Outbox> outboxes, int from, int to) {
        for (int i = from; i < to; i++) {
            send(outboxes.get(i), all, 0, entries.size());
        }
        lane.traffic().sent((long) entries.size() * (to - from), (long) bytes * (to - from));
    }

    /** Sends the rest of the batch to the sender of some of its messages. */
    private void sendRest(Outbox outbox, long[] own) {
        int ownBytes = 0;
        for (long each : own) {
            ownBytes += entries.get(messageIndex(each)).message.length;
        }
        if (ownBytes > bytes / 2) {
            // A range that waits keeps the whole buffer alive, but counts only its own bytes for the limit.
            copyRest(outbox, own);
            return;
        }
        int from = 0;
        for (long each : own) {
            sendRange(outbox, from, messageIndex(each));
            from = messageIndex(each) + 1;
        }
        sendRange(outbox, from, entries.size());
        lane.traffic().sent(entries.size() - own.length, bytes - ownBytes);
    }

    private void copyRest(Outbox outbox, long[] own) {
        int next = 0;
        for (int i = 0; i < entries.size(); i++) {
            if (next < own.length && messageIndex(own[next]) == i) {
                next++;
            } else {
                entries.get(i).offerTo(outbox);
            }
        }
    }

    private void sendRange(Outbox outbox, int from, int to) {
        if (from < to) {
            Loop.Shared range = all.range(from, to);
            send(outbox, range, from, to);
            range.release();
        }
    }

    private void send(Outbox outbox, Loop.Shared messages, int from, int to) {
        try {
            if (!slow) {
                outbox.offer(messages);
            } else if (!outbox.writeNow(messages)) {
                offerEach(outbox, from, to);
            }
        } catch (Throwable e) {
            outbox.messageLost(e); // the other members get the batch
        }
    }

    /** Offers each message by itself, since it may be left out, or has to be replaced while it waits. */
    private void offerEach(Outbox outbox, int from, int to) {
        for (int i = from; i < to; i++) {
            Loop.Shared single = single(i);
            SlowDelivery slowDelivery = entries.get(i).slowDelivery;
            if (slowDelivery == null) {
                outbox.offer(single);
            } else {
                outbox.offer(single, slowDelivery);
            }
        }
    }

    private Loop.Shared single(int index) {
        if (singles == null) {
            singles = new Loop.@Nullable Shared[entries.size()];
        }
        Loop.Shared single = singles[index];
        if (single == null) {
            single = lane.loop().share(List.of(entries.get(index).message));
            singles[index] = single;
        }
        return single;
    }

    void release() {
        all.release();
        if (singles != null) {
            for (Loop.Shared single : singles) {
                if (single != null) {
                    single.release();
                }
            }
        }
    }
}
