package io.heliodor.session.fanout;

import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.session.lane.Entry;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.wire.Ref;
import org.jspecify.annotations.Nullable;

/** A message for the members of one topic on one lane. */
public final class BroadcastEntry extends Entry {
    final Members members;
    public final Broadcast broadcast;

    /** The offset of a message that a history keeps; else {@link Ref#NULL}. */
    public final Ref offset;

    public final byte[] message;

    /** Null for an ordinary broadcast. */
    public final @Nullable SlowDelivery slowDelivery;

    private @Nullable SharedMemory shared;

    BroadcastEntry(
            Members members, Broadcast broadcast, Ref offset, byte[] message, @Nullable SlowDelivery slowDelivery) {
        this.members = members;
        this.broadcast = broadcast;
        this.offset = offset;
        this.message = message;
        this.slowDelivery = slowDelivery;
    }

    @Override
    public void perform() {
        members.accept(this);
    }

    @Override
    public int bytes() {
        return OVERHEAD + message.length;
    }

    @Override
    public long cost() {
        return (long) bytes() * members.size();
    }

    @Override
    public void fault(Throwable fault) {
        members.fault(fault);
    }

    /** The memory of the message while mailboxes hold it. On the lane's thread. */
    public SharedMemory shared(MemoryBudget budget) {
        if (shared == null) {
            shared = new SharedMemory(budget, message.length);
        }
        return shared;
    }

    /** Offers the message to one client, in a buffer of its own. */
    void offerTo(Outbox outbox) {
        if (slowDelivery == null) {
            outbox.offer(message);
        } else {
            outbox.offer(message, slowDelivery);
        }
    }
}
