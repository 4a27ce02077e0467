package io.heliodor.document;

import java.util.Objects;
import java.util.Optional;

/**
 * The assigns of a channel of documents.
 *
 * @param access the rights of the client
 * @param client the id by which Yjs names the client; empty if it shares no awareness
 * @param owner what identifies the page that has the id, over its connections: a hash of the page's secret; empty for a page without one
 */
public record DocumentMember(Access access, Optional<Long> client, Optional<String> owner) {
    /** Checks that no value is null. */
    public DocumentMember {
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(owner, "owner");
    }

    /** The rights of a client to a document. */
    public enum Access {
        /** It gets the document. */
        READ,

        /** It gets the document, and changes it. */
        WRITE
    }
}
