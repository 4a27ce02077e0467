package io.heliodor.document;

import java.io.Serial;

/** Thrown by a {@link DocumentStore} for an update beyond the limit of its document. The client gets the error {@code full}. */
public final class DocumentFullException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param message what is full
     */
    public DocumentFullException(String message) {
        super(message);
    }
}
