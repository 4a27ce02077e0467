package io.heliodor.dashboard;

import io.heliodor.inspect.ConnectionState;
import java.util.List;

/**
 * The answer of a node to {@link Query#USER}.
 *
 * @param connections open connections of the id
 * @param total their number
 */
record UserReport(List<ConnectionState> connections, int total) {
    UserReport {
        connections = Absent.orEmpty(connections);
    }
}
