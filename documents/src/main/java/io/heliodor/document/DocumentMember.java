package io.heliodor.document;

import java.util.Objects;
import java.util.Optional;

/**
 * The assigns of a channel of documents.
 *
 * @param access the rights of the client
 * @param page the page that shares awareness; empty if the client shares none
 */
public record DocumentMember(Access access, Optional<Page> page) {
    /** Checks that no value is null. */
    public DocumentMember {
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(page, "page");
    }

    /**
     * A page that shares awareness.
     *
     * @param client the id by which Yjs names it
     * @param owner what identifies the page that has the id, over its connections: a hash of its secret
     */
    public record Page(long client, String owner) {
        /** Checks that no value is null. */
        public Page {
            Objects.requireNonNull(owner, "owner");
        }
    }

    /** The rights of a client to a document. */
    public enum Access {
        /** It gets the document. */
        READ,

        /** It gets the document, and changes it. */
        WRITE
    }
}
