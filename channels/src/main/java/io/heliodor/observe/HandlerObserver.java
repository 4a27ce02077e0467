package io.heliodor.observe;

import io.heliodor.channel.HandlerName;
import java.time.Duration;

/** Receives the times of handlers. */
@FunctionalInterface
public interface HandlerObserver {
    /** The result of a handler. */
    enum Result {
        /** The handler succeeded. */
        OK,
        /** The reply was an error: a refusal, an invalid payload, or an expected exception. */
        REFUSED,
        /** The handler threw. */
        FAILED
    }

    /**
     * Called after the return of a handler.
     *
     * <p><b>Threads:</b> the virtual thread that ran the handler; several threads may call it at the same time. <b>Blocking:</b> it
     * should not block, since the channel of the handler waits meanwhile. Other channels do not. An exception is logged, and has no
     * other effect.
     *
     * @param handler the handler. The time of a join includes its onJoined hooks; onLeave hooks are not reported
     * @param result its result
     * @param time its time in nanoseconds: from decoding the payload to enqueuing the reply
     */
    void handled(HandlerName handler, Result result, Duration time);
}
