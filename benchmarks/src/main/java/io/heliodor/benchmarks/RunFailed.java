package io.heliodor.benchmarks;

/** Thrown by a run without a result; the message is for the user. */
final class RunFailed extends Exception {
    private static final long serialVersionUID = 1;

    RunFailed(String message) {
        super(message);
    }
}
