package io.heliodor.dashboard;

import java.util.List;

/**
 * The answer of a node to {@link Query#HANDLERS}.
 *
 * @param millis the length of the time in which the calls were counted, up to ten seconds; 0 at the first reading
 * @param handlers the handlers that were called in it, the most frequent first
 */
record HandlerReport(long millis, List<HandlerTime> handlers) {
    HandlerReport {
        handlers = Absent.orEmpty(handlers);
    }
}
