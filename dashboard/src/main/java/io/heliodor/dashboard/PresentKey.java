package io.heliodor.dashboard;

/**
 * A key that is present on a topic.
 *
 * @param presence the name of the presence, as the dashboard was given it
 * @param key the key
 * @param metas the number of its metas
 */
record PresentKey(String presence, String key, int metas) {}
