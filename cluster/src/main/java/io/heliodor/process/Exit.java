package io.heliodor.process;

/** Why a process has ended, or is taken for ended. */
public sealed interface Exit {
    /** Its body returned, or it was asked to end. */
    record Normal() implements Exit {}

    /**
     * Its body threw.
     *
     * @param message the class of what was thrown and its message, 1 000 characters at most; never a stack trace
     */
    record Failed(String message) implements Exit {}

    /** There was no such process: it has ended before, or never was. */
    record NoProcess() implements Exit {}

    /**
     * Its node cannot be reached: it has left the view, or the session to it has ended. The process may live on.
     *
     * @param node the name of its node
     */
    record NoConnection(String node) implements Exit {}
}
