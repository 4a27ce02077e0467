package io.heliodor.process;

import java.time.Duration;

/**
 * How a call ended: exactly one of these.
 *
 * @param <R> the type of the answer
 */
public sealed interface CallOutcome<R> {
    /**
     * It was answered.
     *
     * @param value the answer
     * @param <R> its type
     */
    record Ok<R>(R value) implements CallOutcome<R> {}

    /**
     * No answer came in time. It may have been done, or be done yet. An answer that comes later is dropped.
     *
     * @param after the time that was given
     * @param <R> the type of the answer
     */
    record TimedOut<R>(Duration after) implements CallOutcome<R> {}

    /**
     * There was no way to the node when it was called. Nothing was sent: it is safe to call again.
     *
     * @param node its name
     * @param <R> the type of the answer
     */
    record Unreachable<R>(String node) implements CallOutcome<R> {}

    /**
     * The process had ended or ended before it answered, or its node left after the request was sent: whether it was done
     * is unknown, but with {@link Exit.NoProcess} it was not.
     *
     * @param exit why
     * @param <R> the type of the answer
     */
    record TargetDown<R>(Exit exit) implements CallOutcome<R> {}

    /**
     * The node has no such procedure; only {@code Rpc} gives this. Nothing was done.
     *
     * @param node the name of the node
     * @param procedure the name of the procedure
     * @param <R> the type of the answer
     */
    record NoSuchProcedure<R>(String node, String procedure) implements CallOutcome<R> {}

    /**
     * It failed. The types that this library gives: {@code interrupted} (the caller was), {@code limit} (the caller's node
     * waits for 100 000 answers, or the callee's works on as many calls; nothing was done), {@code inbox_full} and
     * {@code busy} (the callee has too much to do; nothing was done), {@code undecodable} (the request or the answer could
     * not be read), {@code unencodable} (the answer could not be written).
     *
     * @param type one of these, or the name of the class that a procedure threw
     * @param message what is said about it; no stack trace
     * @param <R> the type of the answer
     */
    record Failed<R>(String type, String message) implements CallOutcome<R> {}

    /**
     * The answer, for those who do not care why there is none.
     *
     * @return the answer
     * @throws CallFailed when there is none
     */
    default R orThrow() {
        if (this instanceof Ok<R>(R value)) {
            return value;
        }
        throw new CallFailed(this);
    }
}
