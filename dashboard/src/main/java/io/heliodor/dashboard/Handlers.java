package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code handlers}.
 *
 * @param handlers the handlers that were called, on all nodes together, the most frequent first
 * @param silent the nodes without an answer
 */
record Handlers(List<HandlerRow> handlers, List<String> silent) {}
