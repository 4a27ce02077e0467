package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one topic in the order of delivery: an array with free slots at both ends.
 *
 * <p>Changes happen under the lock of the topic; readers take no lock. A change is made in place if there is a free slot, and returns
 * this object. Otherwise it returns a copy, which replaces this object. The amortized cost is constant. Subscriptions do not move
 * within an array, so a reader sees each at most once; an ended one leaves an empty slot.
 */
public final class Subscribers {
    static final Subscribers NONE = new Subscribers(0, 0, null);

    private final @Nullable Topic<?> topic;
    private final @Nullable LocalSubscription<?>[] slots;

    /**
     * The first used slot and the end of the used slots in one number, so that readers see a consistent pair. Subscriptions that are
     * added later are outside of it.
     */
    volatile long bounds;

    private volatile int count;

    private Subscribers(int capacity, int begin, @Nullable Topic<?> topic) {
        this.topic = topic;
        slots = new LocalSubscription<?>[capacity];
        bounds = bounds(begin, begin);
    }

    private static long bounds(int from, int to) {
        return (long) from << Integer.SIZE | to;
    }

    /** The first index of an iteration. */
    static int from(long bounds) {
        return (int) (bounds >>> Integer.SIZE);
    }

    /** The end of an iteration, exclusive. */
    static int to(long bounds) {
        return (int) bounds;
    }

    // Readers.

    /**
     * The topic.
     *
     * @return the topic of the subscriptions; null if there was never one
     */
    public @Nullable Topic<?> topic() {
        return topic;
    }

    /**
     * Delivers a message to all subscriptions, on this thread to inline ones.
     *
     * @param message of the type of the topic
     */
    public void deliver(Object message) {
        deliver(message, null);
    }

    /** The same, but not to one subscription. */
    @SuppressWarnings("ReferenceEquality") // a subscription stands for itself
    void deliver(Object message, @Nullable Subscription except) {
        long range = bounds;
        int to = to(range);
        for (int i = from(range); i < to; i++) {
            LocalSubscription<?> subscription = slots[i];
            if (subscription != null && subscription != except) {
                deliver(subscription, message);
            }
        }
    }

    @SuppressWarnings("unchecked") // the message has the type of the topic
    private static <T> void deliver(LocalSubscription<T> subscription, Object message) {
        subscription.deliver((T) message);
    }

    /**
     * Whether {@link #deliverNow} would most likely deliver a message.
     *
     * @return true for one subscription that is {@linkplain PromptSubscriber#isPrompt prompt}, and without subscriptions
     */
    public boolean isPrompt() {
        long range = bounds;
        LocalSubscription<?> only = only(range);
        return only == null ? isEmpty(range) : only.isPrompt();
    }

    /**
     * Delivers a message without a wait and without code of users, or to none. Only to a single subscription: if one of several
     * refused it, the others would have it.
     *
     * @param message of the type of the topic
     * @return false to {@linkplain #deliver deliver} it on a thread that may block
     */
    public boolean deliverNow(Object message) {
        long range = bounds;
        LocalSubscription<?> only = only(range);
        return only == null ? isEmpty(range) : deliverNow(only, message);
    }

    @SuppressWarnings("unchecked") // the message has the type of the topic
    private static <T> boolean deliverNow(LocalSubscription<T> subscription, Object message) {
        return subscription.deliverNow((T) message);
    }

    /** The subscription of a range that has one; else null. */
    private @Nullable LocalSubscription<?> only(long range) {
        LocalSubscription<?> only = null;
        int to = to(range);
        for (int i = from(range); i < to; i++) {
            LocalSubscription<?> subscription = slots[i];
            if (subscription != null) {
                if (only != null) {
                    return null;
                }
                only = subscription;
            }
        }
        return only;
    }

    private boolean isEmpty(long range) {
        int to = to(range);
        for (int i = from(range); i < to; i++) {
            if (slots[i] != null) {
                return false;
            }
        }
        return true;
    }

    /** The number of subscriptions. */
    int count() {
        return count;
    }

    /** All subscriptions. */
    List<LocalSubscription<?>> all() {
        long range = bounds;
        List<LocalSubscription<?>> all = new ArrayList<>(count);
        for (int i = from(range); i < to(range); i++) {
            LocalSubscription<?> each = slots[i];
            if (each != null) {
                all.add(each);
            }
        }
        return all;
    }

    // Under the topic's lock.

    /**
     * Adds an inline subscription after all others, and one with a mailbox before them. So a message is in every mailbox before the
     * first inline subscriber can publish another one.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the topic's lock
    Subscribers with(LocalSubscription<?> added) {
        boolean last = added instanceof InlineSubscription;
        long present = bounds;
        int from = from(present);
        int to = to(present);
        if (last ? to == slots.length : from == 0) {
            int before = last ? room(from) : spare();
            int after = last ? spare() : room(slots.length - to);
            return copy(before, after, added.topic()).with(added);
        }
        int index = last ? to : from - 1;
        slots[index] = added;
        added.index = index;
        count++;
        bounds = last ? bounds(from, to + 1) : bounds(from - 1, to);
        return this;
    }

    /** Does nothing if the subscription is missing. */
    // Under the topic's lock; a subscription stands for itself.
    @SuppressWarnings({"NonAtomicVolatileUpdate", "ReferenceEquality"})
    Subscribers without(LocalSubscription<?> removed) {
        int index = removed.index;
        if (index < 0 || index >= slots.length || slots[index] != removed) {
            return this;
        }
        slots[index] = null;
        removed.index = LocalSubscription.NO_INDEX;
        count--;
        long present = bounds;
        return to(present) - from(present) > 2 * count + 1 ? copy(0, 0, topic) : this;
    }

    /** The number of free slots that a copy gets at the full end: as many changes follow before the next copy. */
    private int spare() {
        return Math.max(1, count);
    }

    /** The number of free slots that a copy keeps at its other end. */
    private int room(int present) {
        return Math.min(present, count);
    }

    private Subscribers copy(int before, int after, @Nullable Topic<?> of) {
        Subscribers copy = new Subscribers(before + count + after, before, of);
        int to = before;
        for (LocalSubscription<?> each : all()) {
            copy.slots[to] = each;
            each.index = to++;
        }
        copy.count = count;
        copy.bounds = bounds(before, to);
        return copy;
    }
}
