package io.heliodor.observe;

import io.heliodor.channel.HandlerName;
import java.time.Duration;

/** Hears how long handlers take. */
@FunctionalInterface
public interface HandlerObserver {
    /** What became of a call. */
    enum Result {
        /** It was handled. */
        OK,
        /** The answer was an error: a refusal, a payload that did not fit, or an expected exception. */
        REFUSED,
        /** The handler threw. */
        FAILED
    }

    /**
     * A handler has returned.
     *
     * <p><b>Threads:</b> the virtual thread that ran the handler, so several at a time. <b>Blocking:</b> it should not: the
     * channel whose handler it was waits meanwhile, though no other one. An exception is logged, and changes nothing.
     *
     * @param handler which; the time of a join contains its onJoined hooks, and onLeave hooks have no time
     * @param result what became of it
     * @param time how long it took, to the nanosecond: from reading the payload to handing over the answer
     */
    void handled(HandlerName handler, Result result, Duration time);
}
