package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code user}.
 *
 * @param id the id
 * @param total the number of its connections
 * @param nodes the nodes with connections, and their numbers
 * @param connections its connections, with their topics
 * @param silent the nodes without an answer
 */
record UserDetails(String id, int total, List<Count> nodes, List<Located> connections, List<String> silent) {}
