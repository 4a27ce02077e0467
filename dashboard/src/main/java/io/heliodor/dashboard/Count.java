package io.heliodor.dashboard;

/**
 * A counter with a name.
 *
 * @param name the reason
 * @param count its value since the start
 */
record Count(String name, long count) {}
