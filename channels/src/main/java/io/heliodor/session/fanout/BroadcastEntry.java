package io.heliodor.session.fanout;

import io.heliodor.event.json.JsonWeight;
import io.heliodor.history.Dot;
import io.heliodor.pubsub.Correlation;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.session.lane.LaneEntry;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import org.jspecify.annotations.Nullable;

/** A message for the members of one topic on one lane. */
public abstract class BroadcastEntry extends LaneEntry {
    public final Broadcast broadcast;

    /** The offset of a message that a history keeps; else {@link Ref#NULL}. */
    public final Ref offset;

    /** The number of a message that a history keeps; else null. */
    final @Nullable Dot dot;

    public final byte[] message;

    /** Null for an ordinary broadcast. */
    public final @Nullable SlowDelivery slowDelivery;

    /** The trace of the code that sent an intercepted broadcast, if it has one. */
    public final Correlation.@Nullable Trace trace;

    private @Nullable SharedMemory shared;

    BroadcastEntry(
            Broadcast broadcast,
            Ref offset,
            @Nullable Dot dot,
            byte[] message,
            @Nullable SlowDelivery slowDelivery,
            boolean intercepted) {
        this.broadcast = broadcast;
        this.offset = offset;
        this.dot = dot;
        this.message = message;
        this.slowDelivery = slowDelivery;
        this.trace = intercepted ? Correlation.trace().orElse(null) : null;
    }

    /** The name of its topic. */
    public abstract String topic();

    @Override
    public boolean isBroadcast() {
        return true;
    }

    /** The memory of the message while mailboxes hold it. On the lane's thread. */
    public SharedMemory shared(MemoryBudget budget) {
        if (shared == null) {
            Object value = broadcast.value();
            long decoded = value != null && broadcast.payload() instanceof Payload.Json(byte[] bytes, int from, int to)
                    ? JsonWeight.ofClass(value.getClass()).bytes(bytes, from, to)
                    : 0;
            shared = new SharedMemory(budget, message.length + decoded);
        }
        return shared;
    }

    /** Offers the message to one client, in a buffer of its own. */
    void offerTo(Outbox outbox) {
        if (slowDelivery == null) {
            boolean _ = outbox.offerBroadcast(message);
        } else {
            boolean _ = outbox.offerBroadcast(message, slowDelivery);
        }
    }
}
