package io.heliodor.session.eviction;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * The latest disconnects by id, so that a connection which is accepted meanwhile does not miss its own. Any thread may use
 * it; its lock is held for moments, and never while user code runs.
 */
public final class RecentDisconnects {
    /** A connection that needs longer for its acceptance than so many other ids is closed as well, and accepted anew. */
    public static final int MAX_IDS = 1_000;

    private record Numbered(long number, Eviction eviction) {}

    /** The last disconnect of each id, the oldest first. */
    @GuardedBy("this")
    private final LinkedHashMap<String, Numbered> disconnects = new LinkedHashMap<>();

    @GuardedBy("this")
    private long last;

    /** The number of the latest disconnect whose id is not known any more. */
    @GuardedBy("this")
    private long lastForgotten;

    /** Adds a disconnect or kick, and returns its number. */
    synchronized long add(Eviction eviction) {
        disconnects.remove(eviction.id());
        disconnects.put(eviction.id(), new Numbered(++last, eviction));
        if (disconnects.size() > MAX_IDS) {
            lastForgotten = disconnects.pollFirstEntry().getValue().number();
        }
        return last;
    }

    /** The number of the last disconnect. */
    synchronized long last() {
        return last;
    }

    /** The last disconnect or kick of an id after that of a number. If it may have been forgotten, a disconnect. */
    synchronized Optional<Eviction> since(long number, String id) {
        Numbered known = disconnects.get(id);
        if (known != null && known.number() > number) {
            return Optional.of(known.eviction());
        }
        return number < lastForgotten ? Optional.of(new Eviction.Disconnected(id)) : Optional.empty();
    }
}
