package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code slow}.
 *
 * @param connections the connections whose clients have most bytes to take, the largest first
 * @param silent the nodes without an answer
 */
record SlowClients(List<Located> connections, List<String> silent) {}
