package io.heliodor.link;

/** Bytes of a peer that are no message. The message is dropped and counted. */
public final class DecodeException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * Bytes that are no message.
     *
     * @param problem what is wrong with them
     */
    public DecodeException(String problem) {
        // Made by any peer at any rate: no stack trace.
        super(problem, null, false, false);
    }
}
