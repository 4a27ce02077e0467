package io.heliodor.session.lane;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one client, in order. Messages with a key can be replaced while they wait. The outbox limits it.
 * See {@code docs/design/slow.md}.
 */
final class Backlog {
    /** Fewer empty places are not worth a sweep. */
    private static final int MIN_EMPTY = 32;

    private final ArrayDeque<Object> queue = new ArrayDeque<>();

    // The sums of what waits, which the outbox counts.

    /** The bytes of the messages, without streamed messages and replays. */
    long bytes;

    /** The heap of the messages. */
    long heap;

    /** The bytes of the replays. */
    long replayBytes;

    /** The number of streamed messages. */
    int streamed;

    /** The newest place of each key; none where no message has one. */
    private @Nullable Map<Object, Slot> slots;

    /** The number of messages without a key that were added: shows whether one comes after a slot. */
    private long unkeyed;

    /** Places whose message was moved to the end. */
    private int emptySlots;

    /** The slot of a message with a key. */
    private static final class Slot {
        final Object key;
        final long unkeyed;

        @Nullable
        Object message;

        Slot(Object key, long unkeyed, Object message) {
            this.key = key;
            this.unkeyed = unkeyed;
            this.message = message;
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Adds a message that stays what it is. */
    void add(Object message) {
        unkeyed++;
        queue.add(message);
    }

    /** Adds a message that a later one of its key may replace. Those of its key that wait already stay. */
    void add(Object message, Object key) {
        if (slots == null) {
            slots = new HashMap<>();
        }
        Slot slot = new Slot(key, unkeyed, message);
        slots.put(key, slot);
        queue.add(slot);
    }

    /**
     * Replaces the newest message of a key: in its slot, or at the end if a message without a key was added after it.
     *
     * @return what waited until now; null if nothing did, and nothing was done
     */
    @Nullable
    Object replace(Object message, Object key) {
        Slot slot = slots == null ? null : slots.get(key);
        if (slot == null) {
            return null;
        }
        Object old = slot.message;
        if (slot.unkeyed == unkeyed) {
            slot.message = message;
        } else {
            slot.message = null;
            emptySlots++;
            add(message, key);
            sweep();
        }
        return old;
    }

    /** The message that is next. */
    Object first() {
        Object first = queue.getFirst();
        return first instanceof Slot slot ? filled(slot) : first;
    }

    /** Takes the message that is next away. */
    void remove() {
        if (queue.remove() instanceof Slot slot && slots != null) {
            slots.remove(slot.key, slot);
        }
        sweepFirst();
    }

    /** Everything that waits. */
    List<Object> all() {
        List<Object> all = new ArrayList<>(queue.size());
        for (Object each : queue) {
            Object message = each instanceof Slot slot ? slot.message : each;
            if (message != null) {
                all.add(message);
            }
        }
        return all;
    }

    /** The number of slots and messages, empty slots included. */
    int size() {
        return queue.size();
    }

    private static Object filled(Slot slot) {
        if (slot.message == null) {
            throw new NoSuchElementException("the first place is empty");
        }
        return slot.message;
    }

    /** The first place is never an empty one. */
    private void sweepFirst() {
        while (emptySlots > 0 && isEmpty(queue.peekFirst())) {
            queue.remove();
            emptySlots--;
        }
    }

    private void sweep() {
        sweepFirst();
        if (emptySlots > MIN_EMPTY && emptySlots > queue.size() / 2) {
            queue.removeIf(Backlog::isEmpty);
            emptySlots = 0;
        }
    }

    private static boolean isEmpty(@Nullable Object each) {
        return each instanceof Slot slot && slot.message == null;
    }
}
