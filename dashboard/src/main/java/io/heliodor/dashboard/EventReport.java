package io.heliodor.dashboard;

import java.util.List;

/**
 * The answer of a node to {@link Query#EVENTS}.
 *
 * @param events the newest events, the oldest first
 */
record EventReport(List<LoggedEvent> events) {
    EventReport {
        events = Absent.orEmpty(events);
    }
}
