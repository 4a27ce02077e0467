package io.heliodor.session.channel;

import io.heliodor.channel.DeferredReply;
import io.heliodor.session.once.OnceRun;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The deferred replies of one endpoint that were not sent yet. A reply whose object is garbage can never be sent: it is
 * counted and logged. Each one counts in the memory of its client until then. Any thread may use it.
 */
public final class DeferredReplies {
    /** A reply with its ref, its reference here, and the callback of the application that sends it. */
    static final long REPLY_BYTES = 512;

    /** The channel whose client gets a reply. Any thread. */
    interface Receiver {
        /** The correlation id of its connection. */
        String correlation();

        String topic();

        /** Counts a reply in the memory of its client, and the payload of its call, which the application may hold until then. */
        void holdReply(long payloadBytes);

        /** Counts both no more. */
        void releaseReply(long payloadBytes);

        /** A client waits for a reply, until {@link #replySettled}. */
        void replyDue(DueReply reply);

        /** A reply was sent, or cannot be sent. */
        void replySettled(DueReply reply);
    }

    private final Counters counters;
    private final HandlerLog log;
    private final ReferenceQueue<DeferredReply<?, ?>> garbage = new ReferenceQueue<>();
    private final Set<Pending> pending = ConcurrentHashMap.newKeySet();

    public DeferredReplies(Counters counters, HandlerLog log) {
        this.counters = counters;
        this.log = log;
    }

    /** One reply that is due. It must not refer to the object of the reply. */
    static final class Pending extends WeakReference<DeferredReply<?, ?>> {
        private final Receiver channel;
        private final String call;
        private final DueReply due;
        private final long payloadBytes;

        /** The call, if it is executed once. */
        private final @Nullable OnceRun once;

        Pending(
                DeferredReply<?, ?> reply,
                ReferenceQueue<DeferredReply<?, ?>> garbage,
                Receiver channel,
                String call,
                long payloadBytes,
                DueReply due,
                @Nullable OnceRun once) {
            super(reply, garbage);
            this.channel = channel;
            this.call = call;
            this.payloadBytes = payloadBytes;
            this.due = due;
            this.once = once;
        }

        /** Releases its memory, and lets a drain of the channel go on. */
        private void settle() {
            channel.releaseReply(payloadBytes);
            if (due.isAwaited()) {
                channel.replySettled(due);
            }
        }
    }

    /** Adds a reply. On the thread that runs the handlers of its channel. */
    Pending add(
            DeferredReply<?, ?> reply,
            Receiver channel,
            String call,
            long payloadBytes,
            DueReply due,
            @Nullable OnceRun once) {
        Pending added = new Pending(reply, garbage, channel, call, payloadBytes, due, once);
        if (due.isAwaited()) {
            channel.replyDue(due);
        }
        channel.holdReply(payloadBytes);
        pending.add(added);
        return added;
    }

    /** The reply is on its way to the client, or will not be sent. Without effect after the first call. */
    void settle(Pending reply) {
        if (pending.remove(reply)) {
            reply.settle();
        }
    }

    /** The reply has failed, and counts as sent. The result is to be called when the failure was handled or dropped. */
    Runnable fail(Pending reply) {
        return pending.remove(reply) ? reply::settle : () -> {};
    }

    /** Counts and logs those that can never be sent. */
    public void sweep() {
        for (Reference<?> each = garbage.poll(); each != null; each = garbage.poll()) {
            if (each instanceof Pending lost && pending.remove(lost)) {
                if (!lost.due.isAnswered()) {
                    counters.increment(Counter.DEFERRED_UNSENT);
                    log.unsent(lost.channel.correlation(), lost.channel.topic(), lost.call);
                }
                if (lost.once != null) {
                    lost.once.abandon();
                }
                lost.settle();
            }
        }
    }
}
