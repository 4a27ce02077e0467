package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code events}.
 *
 * @param events the newest events of all nodes since a page began to show them, the newest first
 * @param silent the nodes without an answer
 */
record Events(List<LocatedEvent> events, List<String> silent) {}
