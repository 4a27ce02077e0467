package io.heliodor.dashboard;

import java.util.Optional;

/**
 * A node of the overview.
 *
 * @param name its name
 * @param state whether it answered
 * @param report its answer
 */
record NodeState(String name, NodeAnswer.State state, Optional<NodeReport> report) {}
