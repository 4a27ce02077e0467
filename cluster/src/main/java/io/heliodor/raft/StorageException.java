package io.heliodor.raft;

/** A storage cannot be written to. The last write may be there or not. */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An exception.
     *
     * @param message names the storage
     * @param cause why
     */
    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
