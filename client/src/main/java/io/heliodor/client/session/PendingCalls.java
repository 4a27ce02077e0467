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
    private final Session session;
    private final Set<PendingCall> calls = new LinkedHashSet<>();
    private final Map<String, PendingCall> byRef = new HashMap<>();

    PendingCalls(Session session) {
        this.session = session;
    }

    void begin(
            long number,
            ChannelState channel,
            String event,
            Payload request,
            int reserved,
            long timeout,
            boolean isRepeated) {
        PendingCall call =
                new PendingCall(number, channel, event, request, reserved, timeout, isRepeated, this, session.timers());
        calls.add(call);
        call.deadline.set(
                session.now() + (isRepeated ? Math.max(timeout, session.timing().repeatTime()) : timeout));
        channel.offer(call.request());
    }

    /** Its request was handed to the socket. */
    void sent(PendingCall call, @Nullable String ref) {
        if (ref == null) {
            throw new IllegalStateException("A call is sent without a reference.");
        }
        call.sent(ref);
        byRef.put(ref, call);
        if (call.isRepeated()) {
            call.repeat.set(session.now() + call.timeout());
        } else {
            releaseRoom(call);
        }
    }

    /** Takes a reply, if it is that of a call. */
    boolean receive(Frame frame) {
        PendingCall call = byRef.remove(frame.ref());
        if (call == null) {
            return false;
        }
        if ("ok".equals(frame.status())) {
            complete(call, new Answer.Ok(frame.payload()));
            return true;
        }
        Answer error = new Answer.Failed(frame.payload());
        Refusal refusal = Refusals.read(frame.payload());
        if (call.isRepeated() && Refusals.isRepeated(refusal)) {
            call.answered(error);
            long delay = refusal.retryAfter()
                    .map(after -> TimeUnit.MILLISECONDS.toNanos(after.toMillis()))
                    .orElse(session.timing().repeatDelay());
            call.repeat.set(
                    session.now() + delay + (long) (delay * session.random().nextDouble()));
        } else {
            complete(call, error);
        }
        return true;
    }

    /** Sends the same request again. */
    void repeat(PendingCall call) {
        forget(call);
        call.lost();
        call.repeat.clear();
        session.counters().increment(Counter.REPEATED_CALLS);
        call.channel().offer(call.request());
    }

    /** Repeats the calls whose replies cannot come any more, if they may be repeated. The others wait for their deadline. */
    void lost(Predicate<PendingCall> affected) {
        for (PendingCall call : List.copyOf(calls)) {
            if (call.ref() != null && affected.test(call)) {
                if (call.isRepeated()) {
                    repeat(call);
                } else {
                    forget(call);
                    call.lost();
                }
            }
        }
    }

    void close(Predicate<PendingCall> affected) {
        for (PendingCall call : List.copyOf(calls)) {
            if (affected.test(call)) {
                complete(call, new Answer.Closed());
            }
        }
    }

    void complete(PendingCall call, Answer answer) {
        calls.remove(call);
        forget(call);
        call.deadline.clear();
        call.repeat.clear();
        if (call.isWaiting()) {
            call.channel().withdraw(call);
        }
        releaseRoom(call);
        session.effects().complete(call.number(), answer);
    }

    private void forget(PendingCall call) {
        String ref = call.ref();
        if (ref != null) {
            byRef.remove(ref);
        }
    }

    private void releaseRoom(PendingCall call) {
        int bytes = call.takeRoom();
        if (bytes >= 0) {
            session.effects().release(bytes);
        }
    }

    boolean isReplyAwaited() {
        return !byRef.isEmpty();
    }

    /** Whether a reply to a call of a channel may be on its way. */
    boolean isReplyAwaited(ChannelState channel) {
        return byRef.values().stream().anyMatch(call -> call.channel() == channel);
    }

    void checkInvariants() {
        byRef.forEach((ref, call) -> {
            if (!calls.contains(call) || !ref.equals(call.ref())) {
                throw new IllegalStateException("The reference " + ref + " leads to a call that does not await it.");
            }
        });
    }
}
