package io.heliodor.process;

import io.heliodor.membership.ClusterException;
import io.heliodor.membership.ClusterException.Code;
import java.time.Duration;
import java.util.Objects;

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
    record Ok<R>(R value) implements CallOutcome<R> {
        /** Checks that no value is null. */
        public Ok {
            Objects.requireNonNull(value, "value");
        }
    }

    /**
     * No answer came in time. The request may have been executed, or may still be. An answer that comes later is dropped.
     *
     * @param after the time that was given
     * @param <R> the type of the answer
     */
    record TimedOut<R>(Duration after) implements CallOutcome<R> {
        /** Checks that no value is null. */
        public TimedOut {
            Objects.requireNonNull(after, "after");
        }
    }

    /**
     * There was no way to the node when it was called. Nothing was sent: it is safe to call again.
     *
     * @param node its name
     * @param <R> the type of the answer
     */
    record Unreachable<R>(String node) implements CallOutcome<R> {
        /** Checks that no value is null. */
        public Unreachable {
            Objects.requireNonNull(node, "node");
        }
    }

    /**
     * The process had ended or ended before it answered, or its node left after the request was sent: whether it was done
     * is unknown, but with {@link Exit.NoProcess} it was not.
     *
     * @param exit why
     * @param <R> the type of the answer
     */
    record TargetDown<R>(Exit exit) implements CallOutcome<R> {
        /** Checks that no value is null. */
        public TargetDown {
            Objects.requireNonNull(exit, "exit");
        }
    }

    /**
     * The node has no such procedure; only {@code Rpc} gives this. Nothing was done.
     *
     * @param node the name of the node
     * @param procedure the name of the procedure
     * @param <R> the type of the answer
     */
    record NoSuchProcedure<R>(String node, String procedure) implements CallOutcome<R> {
        /** Checks that no value is null. */
        public NoSuchProcedure {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(procedure, "procedure");
        }
    }

    /**
     * It failed. The types that this library gives: {@code interrupted} (the caller was), {@code limit} (the caller's node
     * waits for 100 000 answers, or the callee's works on as many calls; nothing was done), {@code inbox_full} and
     * {@code busy} (the callee has too much to do; nothing was done), {@code undecodable} (the request or the answer could
     * not be read), {@code unencodable} (the answer could not be written).
     *
     * @param type one of these, or the name of the class that a procedure threw
     * @param message a description, without a stack trace
     * @param <R> the type of the answer
     */
    record Failed<R>(String type, String message) implements CallOutcome<R> {
        /** Checks that no value is null. */
        public Failed {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(message, "message");
        }
    }

    /**
     * The answer, for callers that treat every other outcome as a failure.
     *
     * @return the answer
     * @throws ClusterException for any outcome but {@link Ok}
     */
    default R orThrow() {
        return switch (this) {
            case Ok<R>(R value) -> value;
            case TimedOut<R>(Duration after) ->
                throw new ClusterException(
                        Code.TIMED_OUT,
                        "The call had no answer within " + after.toMillis()
                                + " ms. It may have been executed, or may still be:"
                                + " call again only if that does no harm, or allow more time.");
            case Unreachable<R>(String node) ->
                throw new ClusterException(
                        Code.UNREACHABLE,
                        "The call was not sent: node '" + node
                                + "' cannot be reached. Call again when it is a member, or call another node.");
            case TargetDown<R>(Exit exit) -> throw down(exit);
            case NoSuchProcedure<R>(String node, String procedure) ->
                throw new ClusterException(
                        Code.NO_SUCH_PROCEDURE,
                        "The call was not done: node '" + node + "' does not serve the procedure '" + procedure
                                + "'. Serve it there by rpc().serve, or call a node that serves it.");
            case Failed<R>(String type, String message) ->
                throw new ClusterException(Code.FAILED, "The call failed as '" + type + "': " + message);
        };
    }

    private static ClusterException down(Exit exit) {
        String unknown = " Whether the call was done is unknown: call again only if that does no harm.";
        return switch (exit) {
            case Exit.NoProcess() ->
                new ClusterException(
                        Code.NO_PROCESS, "The call was not done: its process has ended. Look up the name again.");
            case Exit.Normal() ->
                new ClusterException(Code.TARGET_DOWN, "The callee ended before it answered." + unknown);
            case Exit.Failed(String message) ->
                new ClusterException(
                        Code.TARGET_DOWN, "The callee failed before it answered (" + message + ")." + unknown);
            case Exit.NoConnection(String node) ->
                new ClusterException(
                        Code.TARGET_DOWN, "The node '" + node + "' was lost before the answer came." + unknown);
        };
    }
}
