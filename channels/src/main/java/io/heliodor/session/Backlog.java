package io.heliodor.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one client, in order. Messages with a key can be replaced while they wait. No bound of its own: the outbox
 * has one. See {@code docs/design/slow.md}.
 */
final class Backlog {
    /** Fewer empty places are not worth a sweep. */
    private static final int FEW = 32;

    private final ArrayDeque<Object> queue = new ArrayDeque<>();

    /** The newest place of each key; none where no message has one. */
    private @Nullable Map<Object, Place> places;

    /** How many messages without a key were added: tells whether one lies behind a place. */
    private long others;

    /** Places whose message was moved to the end. */
    private int empty;

    /** Where a message with a key waits. */
    private static final class Place {
        final Object key;
        final long others;

        @Nullable
        Object message;

        Place(Object key, long others, Object message) {
            this.key = key;
            this.others = others;
            this.message = message;
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Adds a message that stays what it is. */
    void add(Object message) {
        others++;
        queue.add(message);
    }

    /** Adds a message that a later one of its key may replace. Those of its key that wait already stay. */
    void add(Object message, Object key) {
        if (places == null) {
            places = new HashMap<>();
        }
        Place place = new Place(key, others, message);
        places.put(key, place);
        queue.add(place);
    }

    /**
     * Replaces the newest message of a key: in its place, or at the end if a message without a key was added behind it.
     *
     * @return what waited until now; null if nothing did, and nothing was done
     */
    @Nullable
    Object replace(Object message, Object key) {
        Place place = places == null ? null : places.get(key);
        if (place == null) {
            return null;
        }
        Object old = place.message;
        if (place.others == others) {
            place.message = message;
        } else {
            place.message = null;
            empty++;
            add(message, key);
            sweep();
        }
        return old;
    }

    /** The message that is next. */
    Object first() {
        Object first = queue.getFirst();
        return first instanceof Place place ? filled(place) : first;
    }

    /** Takes the message that is next away. */
    void remove() {
        if (queue.remove() instanceof Place place && places != null) {
            places.remove(place.key, place);
        }
        sweepFirst();
    }

    /** Everything that waits. */
    List<Object> all() {
        List<Object> all = new ArrayList<>(queue.size());
        for (Object each : queue) {
            Object message = each instanceof Place place ? place.message : each;
            if (message != null) {
                all.add(message);
            }
        }
        return all;
    }

    /** How many places there are, empty ones too. */
    int size() {
        return queue.size();
    }

    private static Object filled(Place place) {
        if (place.message == null) {
            throw new NoSuchElementException("the first place is empty");
        }
        return place.message;
    }

    /** The first place is never an empty one. */
    private void sweepFirst() {
        while (empty > 0 && isEmpty(queue.peekFirst())) {
            queue.remove();
            empty--;
        }
    }

    private void sweep() {
        sweepFirst();
        if (empty > FEW && empty > queue.size() / 2) {
            queue.removeIf(Backlog::isEmpty);
            empty = 0;
        }
    }

    private static boolean isEmpty(@Nullable Object each) {
        return each instanceof Place place && place.message == null;
    }
}
