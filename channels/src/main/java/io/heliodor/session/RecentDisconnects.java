package io.heliodor.session;

import java.util.LinkedHashMap;

/**
 * The latest disconnects by id, so that a connection which is accepted meanwhile does not miss its own. Any thread may use
 * it; its lock is held for moments, and never while user code runs.
 */
final class RecentDisconnects {
    /** A connection that needs longer for its acceptance than so many other ids is closed as well, and accepted anew. */
    static final int MAX_IDS = 1_000;

    /** The number of the last disconnect of each id, the oldest first. */
    private final LinkedHashMap<String, Long> numbers = new LinkedHashMap<>();

    private long last;

    /** The number of the latest disconnect whose id is not known any more. */
    private long forgotten;

    /** Adds a disconnect, and returns its number. */
    synchronized long add(String id) {
        numbers.remove(id);
        numbers.put(id, ++last);
        if (numbers.size() > MAX_IDS) {
            forgotten = numbers.pollFirstEntry().getValue();
        }
        return last;
    }

    /** The number of the last disconnect. */
    synchronized long last() {
        return last;
    }

    /** Whether an id was disconnected after the disconnect of a number, or may have been. */
    synchronized boolean since(long number, String id) {
        return number < forgotten || numbers.getOrDefault(id, 0L) > number;
    }
}
