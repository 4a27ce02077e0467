package io.heliodor.exchange;

import io.heliodor.binary.DecodeException;
import java.util.Optional;

/**
 * One comparison of a replica with that of another node, as requests and responses: it gets what is missing here, and changes nothing there.
 * Used by one virtual thread, and may block it.
 */
public interface ReplicaComparison {
    /**
     * The next request. The first one is that of the comparison; the others follow from the responses.
     *
     * @return its bytes; empty if nothing is missing here any more
     */
    Optional<byte[]> next();

    /**
     * Merges the response to the last request.
     *
     * @param response its bytes
     * @throws DecodeException if it is unreadable; it has changed nothing then, and the comparison ends
     */
    void merge(byte[] response) throws DecodeException;

    /** The node has responded to all requests, or it has no replica. Does nothing by default. */
    default void complete() {}
}
