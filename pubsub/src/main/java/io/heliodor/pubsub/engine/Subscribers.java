package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one topic, in the order in which a message reaches them: an array with room at both ends.
 *
 * <p>Changes happen under the lock of the topic; readers take no lock. A change is done in place if there is room, and
 * returns this object. Otherwise it returns a copy, which replaces this object. Its amortized cost is constant. No
 * subscription moves within one array, so a reader sees each at most once; an ended one leaves an empty place.
 */
final class Subscribers {
    static final Subscribers NOBODY = new Subscribers(0, 0, null);

    private final @Nullable Topic<?> topic;
    private final @Nullable LocalSubscription<?>[] places;

    /** The first used place and the end of the used places, in one number, so that a reader sees both of the same moment. */
    private volatile long bounds;

    private volatile int count;

    private Subscribers(int capacity, int begin, @Nullable Topic<?> topic) {
        this.topic = topic;
        places = new LocalSubscription<?>[capacity];
        bounds = bounds(begin, begin);
    }

    private static long bounds(int from, int to) {
        return (long) from << Integer.SIZE | to;
    }

    /** The first index of a walk. */
    static int from(long bounds) {
        return (int) (bounds >>> Integer.SIZE);
    }

    /** The end of a walk, exclusive. */
    static int to(long bounds) {
        return (int) bounds;
    }

    // Readers.

    /** Their topic; null if there was never a subscription. */
    @Nullable
    Topic<?> topic() {
        return topic;
    }

    /** The places that a walk passes; subscriptions that are added later lie outside of them. */
    long bounds() {
        return bounds;
    }

    /** The subscription in a place; null if it has ended. */
    @Nullable
    LocalSubscription<?> at(int place) {
        return places[place];
    }

    /** How many subscriptions there are. */
    int count() {
        return count;
    }

    /** All of them. */
    List<LocalSubscription<?>> all() {
        long walk = bounds;
        List<LocalSubscription<?>> all = new ArrayList<>(count);
        for (int i = from(walk); i < to(walk); i++) {
            LocalSubscription<?> each = places[i];
            if (each != null) {
                all.add(each);
            }
        }
        return all;
    }

    // Under the topic's lock.

    /**
     * Adds it after all others if it is inline, else before them: a message lies in every mailbox before the first inline
     * subscriber can publish another one.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the topic's lock
    Subscribers with(LocalSubscription<?> added) {
        boolean last = added instanceof InlineSubscription;
        long present = bounds;
        int from = from(present);
        int to = to(present);
        if (last ? to == places.length : from == 0) {
            int before = last ? room(from) : spare();
            int behind = last ? spare() : room(places.length - to);
            return copy(before, behind, added.topic()).with(added);
        }
        int place = last ? to : from - 1;
        places[place] = added;
        added.place = place;
        count++;
        bounds = last ? bounds(from, to + 1) : bounds(from - 1, to);
        return this;
    }

    /** Does nothing when it is not there. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the topic's lock
    Subscribers without(LocalSubscription<?> removed) {
        int place = removed.place;
        if (place < 0 || place >= places.length || places[place] != removed) {
            return this;
        }
        places[place] = null;
        removed.place = LocalSubscription.NOWHERE;
        count--;
        long present = bounds;
        return to(present) - from(present) > 2 * count + 1 ? copy(0, 0, topic) : this;
    }

    /** The room that a copy gets at the end where it was missing: as many changes follow before the next copy. */
    private int spare() {
        return Math.max(1, count);
    }

    /** The room that a copy keeps at its other end. */
    private int room(int present) {
        return Math.min(present, count);
    }

    private Subscribers copy(int before, int behind, @Nullable Topic<?> of) {
        Subscribers copy = new Subscribers(before + count + behind, before, of);
        int to = before;
        for (LocalSubscription<?> each : all()) {
            copy.places[to] = each;
            each.place = to++;
        }
        copy.count = count;
        copy.bounds = bounds(before, to);
        return copy;
    }
}
