package io.heliodor.rpc;

import io.heliodor.process.CallOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;

/**
 * Calls procedures on other nodes, and serves those of this one. Only served procedures can be called. A node calls itself in
 * the same way, but the request and the answer are handed over as they are.
 *
 * <p>A call arrives once or not at all; it is never sent again. Any thread may use this; calls and casts may block.
 */
public interface Rpc {
    /** The default timeout of a call. */
    Duration TIMEOUT = Duration.ofSeconds(5);

    /**
     * Serves a procedure on this node, until the node ends.
     *
     * @param procedure which
     * @param implementation its implementation, run on a virtual thread for each call. At most 1 024 run at once on a node,
     *     all procedures together; more are refused as {@code Failed} of the type {@code busy}. When no caller waits
     *     for the answer any more, its thread is interrupted
     * @param <Q> the type of the request
     * @param <R> the type of the response
     * @throws IllegalStateException when a procedure of this name is served
     * @throws IllegalArgumentException when a type of the procedure cannot go to other nodes
     */
    <Q, R> void serve(Procedure<Q, R> procedure, Implementation<? super Q, ? extends R> implementation);

    /**
     * Calls a procedure and waits for the answer. When the thread is interrupted, the outcome is {@code Failed} of the type
     * {@code interrupted}, the callee is notified, and the thread is still interrupted.
     *
     * @param node the name of a node; its own, too
     * @param procedure which
     * @param request the request
     * @param timeout how long to wait, more than 0
     * @param <Q> the type of the request
     * @param <R> the type of the response
     * @return how it ended; never later than the time-out
     * @throws IllegalArgumentException when the timeout is 0 or less, or the request cannot be written; {@link
     *     io.heliodor.codec.TooLarge} if it has too many bytes
     */
    <Q, R> CallOutcome<R> call(String node, Procedure<Q, R> procedure, Q request, Duration timeout);

    /**
     * Calls a procedure and waits 5 seconds for the answer.
     *
     * @param node the name of a node; its own, too
     * @param procedure which
     * @param request the request
     * @param <Q> the type of the request
     * @param <R> the type of the response
     * @return how it ended
     * @throws IllegalArgumentException when the request cannot be written; {@link io.heliodor.codec.TooLarge} if it has too
     *     many bytes
     */
    default <Q, R> CallOutcome<R> call(String node, Procedure<Q, R> procedure, Q request) {
        return call(node, procedure, request, TIMEOUT);
    }

    /**
     * Calls a procedure without an answer. It waits for capacity as {@code Pid.send} does.
     *
     * @param node the name of a node; its own, too
     * @param procedure which
     * @param request the request
     * @param <Q> the type of the request
     * @throws IllegalArgumentException when the request cannot be written; {@link io.heliodor.codec.TooLarge} if it has too
     *     many bytes
     */
    <Q> void cast(String node, Procedure<Q, ?> procedure, Q request);

    /**
     * Calls a procedure on many nodes at the same time, with one deadline for all.
     *
     * @param nodes their names; one that comes twice is called once
     * @param procedure which
     * @param request the request
     * @param timeout how long to wait for all together, more than 0
     * @param <Q> the type of the request
     * @param <R> the type of the response
     * @return for each node how it ended, in the order of the names
     * @throws IllegalArgumentException when the timeout is 0 or less, or the request cannot be written; {@link
     *     io.heliodor.codec.TooLarge} if it has too many bytes
     */
    <Q, R> Map<String, CallOutcome<R>> callAll(
            Collection<String> nodes, Procedure<Q, R> procedure, Q request, Duration timeout);

    /**
     * The implementation of a procedure.
     *
     * @param <Q> the type of the request
     * @param <R> the type of the response
     */
    @FunctionalInterface
    interface Implementation<Q, R> {
        /**
         * Does it, on a virtual thread; it may block. The thread has the correlation id of the caller.
         *
         * @param request the request
         * @return the answer
         * @throws Exception for {@code Failed} at the caller, with the class and the message of it
         */
        R apply(Q request) throws Exception;
    }
}
