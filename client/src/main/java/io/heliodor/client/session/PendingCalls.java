package io.heliodor.client.session;

import io.heliodor.client.status.Refusal;
import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Payload;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The calls without a result. Each gets exactly one. */
final class PendingCalls {
    /** A call. It waits for its turn, or for its reply, or until it is repeated. */
    private final class PendingCall {
        private final long number;
        private final ChannelQueue queue;
        private final String event;
        private final Payload request;
        private final int reserved;
        private final long timeout;
        private final boolean isRepeated;
        private final Alarm deadline;

        /** Of a call that is repeated: the end of one request, then the beginning of the next. */
        private final Alarm repeat;

        /** The request that waits for its turn. */
        private @Nullable Outgoing waiting;

        /** The reference of the request that has been sent; null if none awaits a reply. */
        private @Nullable String ref;

        private boolean wasSent;
        private boolean holdsRoom = true;
        private Answer last = new Answer.TimedOut();

        PendingCall(
                long number,
                ChannelQueue queue,
                String event,
                Payload request,
                int reserved,
                long timeout,
                boolean isRepeated) {
            this.number = number;
            this.queue = queue;
            this.event = event;
            this.request = request;
            this.reserved = reserved;
            this.timeout = timeout;
            this.isRepeated = isRepeated;
            this.deadline = new Alarm(session.timers(), () -> complete(this, wasSent ? last : new Answer.NotSent()));
            this.repeat = new Alarm(session.timers(), () -> repeat(this));
        }

        void offer() {
            Outgoing frame = Outgoing.call(queue, this::sent, event, request, reserved);
            waiting = frame;
            queue.offer(frame);
        }

        private void sent(String reference) {
            waiting = null;
            wasSent = true;
            ref = reference;
            byRef.put(reference, this);
            if (isRepeated) {
                repeat.set(session.now() + timeout);
            } else {
                releaseRoom();
            }
        }

        /** Awaits no reply any more. */
        void forget() {
            if (ref != null) {
                byRef.remove(ref);
                ref = null;
            }
        }

        void releaseRoom() {
            if (holdsRoom) {
                holdsRoom = false;
                session.effects().release(reserved);
            }
        }
    }

    private final Session session;
    private final Set<PendingCall> calls = new LinkedHashSet<>();
    private final Map<String, PendingCall> byRef = new HashMap<>();

    PendingCalls(Session session) {
        this.session = session;
    }

    void begin(
            long number,
            ChannelQueue queue,
            String event,
            Payload request,
            int reserved,
            long timeout,
            boolean isRepeated) {
        PendingCall call = new PendingCall(number, queue, event, request, reserved, timeout, isRepeated);
        calls.add(call);
        call.deadline.set(
                session.now() + (isRepeated ? Math.max(timeout, session.timing().repeatTime()) : timeout));
        call.offer();
    }

    /** Takes a reply, if it is that of a call. */
    boolean receive(Frame frame) {
        PendingCall call = byRef.get(frame.ref());
        if (call == null) {
            return false;
        }
        call.forget();
        if ("ok".equals(frame.status())) {
            complete(call, new Answer.Ok(frame.payload()));
            return true;
        }
        Answer error = new Answer.Failed(frame.payload());
        Refusal refusal = Refusals.read(frame.payload());
        // A close follows, which ends repeated calls as well, unless it is that of a membership that was replaced.
        if (Refusals.endsChannel(refusal)) {
            if (call.isRepeated) {
                repeat(call);
            } else {
                complete(call, new Answer.Closed());
            }
        } else if (call.isRepeated && Refusals.isRepeated(refusal)) {
            call.last = error;
            long delay = refusal.retryAfter()
                    .map(after -> TimeUnit.MILLISECONDS.toNanos(after.toMillis()))
                    .orElse(session.timing().repeatDelay());
            call.repeat.set(session.now() + session.spread(delay));
        } else {
            complete(call, error);
        }
        return true;
    }

    /** Sends the same request again. */
    private void repeat(PendingCall call) {
        call.forget();
        call.repeat.clear();
        session.counters().increment(ClientCounter.REPEATED_CALLS);
        call.offer();
    }

    /** Repeats the calls whose replies cannot come any more, if they may be repeated. The others wait for their deadline. */
    void lost(Predicate<ChannelQueue> affected) {
        for (PendingCall call : List.copyOf(calls)) {
            if (call.ref != null && affected.test(call.queue)) {
                if (call.isRepeated) {
                    repeat(call);
                } else {
                    call.forget();
                }
            }
        }
    }

    void close(Predicate<ChannelQueue> affected) {
        for (PendingCall call : List.copyOf(calls)) {
            if (affected.test(call.queue)) {
                complete(call, call.wasSent ? new Answer.Closed() : new Answer.NotSent());
            }
        }
    }

    private void complete(PendingCall call, Answer answer) {
        calls.remove(call);
        call.forget();
        call.deadline.clear();
        call.repeat.clear();
        if (call.waiting != null) {
            call.queue.withdraw(call.waiting);
        }
        call.releaseRoom();
        session.effects().complete(call.number, answer);
    }

    boolean isReplyAwaited() {
        return !byRef.isEmpty();
    }

    /** Whether a reply to a call of a channel may be on its way. */
    boolean isReplyAwaited(ChannelQueue queue) {
        return byRef.values().stream().anyMatch(call -> call.queue == queue);
    }

    void checkInvariants() {
        byRef.forEach((ref, call) -> {
            if (!calls.contains(call) || !ref.equals(call.ref)) {
                throw new IllegalStateException("The reference " + ref + " leads to a call that does not await it.");
            }
        });
    }
}
