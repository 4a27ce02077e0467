package io.heliodor.dashboard;

/**
 * The reply to the join of the page.
 *
 * @param actions whether the server executes actions
 */
record PageSettings(boolean actions) {
    /** The topic of the page. */
    static final String TOPIC = "heliodor:dashboard";
}
