package io.heliodor.dashboard;

/**
 * The node of an action.
 *
 * @param node its name
 */
record NodeTarget(String node) {
    NodeTarget {
        Search.check("node", node);
    }
}
