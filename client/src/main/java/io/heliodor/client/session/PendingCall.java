package io.heliodor.client.session;

import io.heliodor.client.wire.Payload;
import org.jspecify.annotations.Nullable;

/** A call without a result. It waits for its turn, or for its reply, or until it is repeated. */
final class PendingCall {
    private final long number;
    private final ChannelState channel;
    private final String event;
    private final Payload request;
    private final int reserved;
    private final long timeout;
    private final boolean isRepeated;

    final Alarm deadline;

    /** Of a call that is repeated: the end of one request, then the beginning of the next. */
    final Alarm repeat;

    private boolean isWaiting;
    private boolean holdsRoom = true;
    private @Nullable String ref;
    private Answer last = new Answer.TimedOut();

    PendingCall(
            long number,
            ChannelState channel,
            String event,
            Payload request,
            int reserved,
            long timeout,
            boolean isRepeated,
            PendingCalls calls,
            Timers timers) {
        this.number = number;
        this.channel = channel;
        this.event = event;
        this.request = request;
        this.reserved = reserved;
        this.timeout = timeout;
        this.isRepeated = isRepeated;
        this.deadline = new Alarm(timers, () -> calls.complete(this, last));
        this.repeat = new Alarm(timers, () -> calls.repeat(this));
    }

    long number() {
        return number;
    }

    ChannelState channel() {
        return channel;
    }

    boolean isRepeated() {
        return isRepeated;
    }

    long timeout() {
        return timeout;
    }

    /** A request for the queue. */
    Outgoing request() {
        isWaiting = true;
        ref = null;
        return Outgoing.call(channel, this, event, request, reserved);
    }

    void sent(String reference) {
        isWaiting = false;
        ref = reference;
    }

    /** Whether its request waits for its turn. */
    boolean isWaiting() {
        return isWaiting;
    }

    /** The reference of the request that has been sent; null if none awaits a reply. */
    @Nullable
    String ref() {
        return ref;
    }

    void answered(Answer answer) {
        ref = null;
        last = answer;
    }

    void lost() {
        ref = null;
    }

    /** The bytes to give back; -1 if it has none any more. */
    int takeRoom() {
        if (!holdsRoom) {
            return -1;
        }
        holdsRoom = false;
        return reserved;
    }
}
