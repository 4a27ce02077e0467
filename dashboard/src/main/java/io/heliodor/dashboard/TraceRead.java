package io.heliodor.dashboard;

import io.heliodor.event.InvalidPayload;
import java.util.List;

/**
 * The payload of the call {@code frames}.
 *
 * @param id the id of the trace
 * @param read the number of the last frame of each node that was read; those of other nodes were not
 */
record TraceRead(String id, List<Count> read) {
    TraceRead {
        id = new TraceId(id).id();
        if (read.size() > ClusterQueries.MAX_NODES + 1
                || read.stream().anyMatch(each -> each.name().length() > Search.MAX_TEXT)) {
            throw new InvalidPayload(
                    "read", "must have the names of at most " + (ClusterQueries.MAX_NODES + 1) + " nodes");
        }
        read = List.copyOf(read);
    }
}
