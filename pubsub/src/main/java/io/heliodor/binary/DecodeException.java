package io.heliodor.binary;

/** Thrown when bytes from a peer or a disk cannot be decoded. A message of a peer is dropped and counted then. */
public final class DecodeException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * An exception.
     *
     * @param problem what is wrong with the bytes
     */
    public DecodeException(String problem) {
        // A peer can cause it at any rate, so it has no stack trace.
        super(problem, null, false, false);
    }
}
