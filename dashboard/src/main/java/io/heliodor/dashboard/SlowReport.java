package io.heliodor.dashboard;

import io.heliodor.inspect.ConnectionState;
import java.util.List;

/**
 * The answer of a node to {@link Query#SLOW}.
 *
 * @param connections the connections whose clients have most bytes to take
 */
record SlowReport(List<ConnectionState> connections) {
    SlowReport {
        connections = Absent.orEmpty(connections);
    }
}
