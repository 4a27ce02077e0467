package io.heliodor.session.channel;

import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The deferred replies of one endpoint that were not sent yet. A reply whose object is garbage can never be sent: it is
 * counted and logged. Each one counts in the memory of its client until then. Any thread may use it.
 */
public final class DeferredReplies {
    /** A reply with its ref, its reference here, and the callback of the application that sends it. */
    private static final long REPLY_BYTES = 512;

    private final Counters counters;
    private final HandlerLog log;
    private final ReferenceQueue<PendingReply<?, ?>> garbage = new ReferenceQueue<>();
    private final Set<Pending> pending = ConcurrentHashMap.newKeySet();

    public DeferredReplies(Counters counters, HandlerLog log) {
        this.counters = counters;
        this.log = log;
    }

    /** One reply that is due. It must not refer to the object of the reply. */
    static final class Pending extends WeakReference<PendingReply<?, ?>> {
        private final ChannelContext<?, ?> channel;
        private final String call;

        Pending(
                PendingReply<?, ?> reply,
                ReferenceQueue<PendingReply<?, ?>> garbage,
                ChannelContext<?, ?> channel,
                String call) {
            super(reply, garbage);
            this.channel = channel;
            this.call = call;
        }
    }

    Pending add(PendingReply<?, ?> reply, ChannelContext<?, ?> channel, String call) {
        Pending due = new Pending(reply, garbage, channel, call);
        pending.add(due);
        channel.holdReply(REPLY_BYTES);
        return due;
    }

    /** The reply was sent, or is due no more. */
    void remove(Pending due) {
        if (pending.remove(due)) {
            due.channel.releaseReply(REPLY_BYTES);
        }
    }

    /** Counts and logs those that can never be sent. */
    public void sweep() {
        for (Reference<?> each = garbage.poll(); each != null; each = garbage.poll()) {
            if (each instanceof Pending lost && pending.remove(lost)) {
                lost.channel.releaseReply(REPLY_BYTES);
                counters.increment(Counter.DEFERRED_UNSENT);
                log.unsent(lost.channel.correlation(), lost.channel.topic(), lost.call);
            }
        }
    }
}
