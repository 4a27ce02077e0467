package io.heliodor.dashboard;

import java.util.List;

/**
 * The answer of a node to {@link Query#HANDLERS}.
 *
 * @param handlers the times of its handlers, the most frequent first
 */
record HandlerReport(List<HandlerTime> handlers) {
    HandlerReport {
        handlers = Absent.orEmpty(handlers);
    }
}
