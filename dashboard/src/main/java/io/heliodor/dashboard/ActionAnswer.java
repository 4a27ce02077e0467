package io.heliodor.dashboard;

/**
 * The answer of a node to a request for an action.
 *
 * @param found whether it has the target
 */
record ActionAnswer(boolean found) {}
