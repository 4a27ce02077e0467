package io.heliodor.membership;

import java.util.Objects;

/**
 * A request to the cluster did not succeed. It is thrown by {@code orThrow()} of each outcome, for callers that treat
 * everything but success as a failure, and by lookups that have no outcome.
 *
 * <p>{@link #code} is for programs; the message has the failure, its cause, and what to do.
 */
public final class ClusterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why the request did not succeed. */
    private final Code code;

    /** Why a request did not succeed. */
    public enum Code {
        /** No answer came in time. A call may have been executed, or may still be; a connection was not made. */
        TIMED_OUT,
        /** There was no way to the node. Nothing was done. */
        UNREACHABLE,
        /** The process ended, or its node was lost, before it answered. The call may have been executed. */
        TARGET_DOWN,
        /** The node does not serve the procedure. Nothing was done. */
        NO_SUCH_PROCEDURE,
        /** The call failed at the callee, or could not be written or read. */
        FAILED,
        /** Another process has the name, or another node. Nothing was done. */
        NAME_TAKEN,
        /** The process does not exist. Nothing was done. */
        NO_PROCESS,
        /** A process of another node has the name. Nothing was done. */
        NOT_OWNER,
        /** There are as many as the limit allows. Nothing was done. */
        LIMIT,
        /** Too few voters can be reached. Nothing was done. */
        NO_QUORUM,
        /** The node cannot vote yet. Nothing was done. */
        NOT_READY,
        /** The other node refused this one. Nothing was done. */
        REFUSED,
        /** No answer came in time: it was done, or will be, or was not. */
        UNKNOWN
    }

    /**
     * A failure.
     *
     * @param code why
     * @param message what did not happen, why, and what to do
     */
    public ClusterException(Code code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code, "code");
    }

    /**
     * Why the request did not succeed.
     *
     * @return the code
     */
    public Code code() {
        return code;
    }
}
