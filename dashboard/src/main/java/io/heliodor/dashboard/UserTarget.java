package io.heliodor.dashboard;

/**
 * The user of an action.
 *
 * @param id the id of the connections
 */
record UserTarget(String id) {
    UserTarget {
        Search.check("id", id);
    }
}
