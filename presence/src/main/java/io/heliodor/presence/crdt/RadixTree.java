package io.heliodor.presence.crdt;

import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A persistent map from numbers to values that contain their number, in the order of the unsigned numbers.
 *
 * <p>It is a radix tree with five bits for each level, the high ones first, and without levels that have one child only (Morrison:
 * <i>PATRICIA</i>, 1968). Consecutive numbers, such as counters, share nodes.
 *
 * @param number returns the number of a value
 * @param root a node, or the only value
 * @param size the number of values
 */
record RadixTree<V>(ToLongFunction<V> number, @Nullable Object root, int size) {
    private static final RadixTree<Entry<Object>> BY_COUNTER = new RadixTree<>(Entry::counter, null, 0);
    private static final RadixTree<OwnerEntries<Object>> BY_OWNER = new RadixTree<>(OwnerEntries::owner, null, 0);
    private static final RadixTree<Replica<Object>> BY_INCARNATION = new RadixTree<>(Replica::incarnation, null, 0);
    private static final int BITS = 5;

    @SuppressWarnings("unchecked") // nothing is in it
    static <M> RadixTree<Entry<M>> byCounter() {
        return (RadixTree<Entry<M>>) (RadixTree<?>) BY_COUNTER;
    }

    @SuppressWarnings("unchecked") // nothing is in it
    static <M> RadixTree<OwnerEntries<M>> byOwner() {
        return (RadixTree<OwnerEntries<M>>) (RadixTree<?>) BY_OWNER;
    }

    @SuppressWarnings("unchecked") // nothing is in it
    static <M> RadixTree<Replica<M>> byIncarnation() {
        return (RadixTree<Replica<M>>) (RadixTree<?>) BY_INCARNATION;
    }

    @Nullable
    V get(long key) {
        Object at = root;
        while (at instanceof Node node) {
            int bit = node.bit(key);
            if (!node.covers(key) || (node.present & bit) == 0) {
                return null;
            }
            at = node.slots[node.at(bit)];
        }
        if (at == null) {
            return null;
        }
        V value = value(at);
        return number.applyAsLong(value) == key ? value : null;
    }

    /** This map with a value, which replaces the one with the same number. */
    RadixTree<V> put(V value) {
        long key = number.applyAsLong(value);
        boolean replaced = get(key) != null;
        return new RadixTree<>(number, root == null ? value : put(root, key, value), replaced ? size : size + 1);
    }

    @SuppressWarnings("ReferenceEquality") // unchanged parts are the same objects
    RadixTree<V> remove(long key) {
        if (root == null) {
            return this;
        }
        Object left = remove(root, key);
        return left == root ? this : new RadixTree<>(number, left, size - 1);
    }

    void forEach(Consumer<? super V> visitor) {
        forEach(0, -1, visitor);
    }

    /** Visits the values from one number to another, inclusive, in order. */
    void forEach(long from, long to, Consumer<? super V> visitor) {
        int _ = first(from, to, Integer.MAX_VALUE, visitor);
    }

    /** Visits the first values from one number to another, inclusive, in order; returns how many it visited. */
    int first(long from, long to, int limit, Consumer<? super V> visitor) {
        return root == null ? 0 : walk(root, from, to, limit, visitor);
    }

    private Object put(Object at, long key, V value) {
        if (!(at instanceof Node node)) {
            long other = number.applyAsLong(value(at));
            return other == key ? value : two(at, other, value, key);
        }
        if (!node.covers(key)) {
            return two(node, node.some, value, key);
        }
        int bit = node.bit(key);
        int index = node.at(bit);
        return (node.present & bit) == 0
                ? node.plus(bit, index, value)
                : node.with(index, put(node.slots[index], key, value));
    }

    @SuppressWarnings("ReferenceEquality") // unchanged parts are the same objects
    private @Nullable Object remove(Object at, long key) {
        if (!(at instanceof Node node)) {
            return number.applyAsLong(value(at)) == key ? null : at;
        }
        int bit = node.bit(key);
        if (!node.covers(key) || (node.present & bit) == 0) {
            return at;
        }
        int index = node.at(bit);
        Object left = remove(node.slots[index], key);
        if (left == node.slots[index]) {
            return at;
        }
        return left == null ? node.minus(bit, index) : node.with(index, left);
    }

    private int walk(Object at, long from, long to, int limit, Consumer<? super V> visitor) {
        if (!(at instanceof Node node)) {
            V value = value(at);
            long key = number.applyAsLong(value);
            if (Long.compareUnsigned(from, key) > 0 || Long.compareUnsigned(key, to) > 0) {
                return 0;
            }
            visitor.accept(value);
            return 1;
        }
        int visited = 0;
        if (Long.compareUnsigned(from, node.last()) <= 0 && Long.compareUnsigned(node.first(), to) <= 0) {
            for (int slot = 0; slot < node.slots.length && visited < limit; slot++) {
                visited += walk(node.slots[slot], from, to, limit - visited, visitor);
            }
        }
        return visited;
    }

    private static Node two(Object one, long oneKey, Object other, long otherKey) {
        int highest = Long.SIZE - 1 - Long.numberOfLeadingZeros(oneKey ^ otherKey);
        var empty = new Node(oneKey, highest / BITS * BITS, 0, new Object[0]);
        int oneBit = empty.bit(oneKey);
        int otherBit = empty.bit(otherKey);
        Node single = empty.plus(oneBit, 0, one);
        return single.plus(otherBit, single.at(otherBit), other);
    }

    @SuppressWarnings("unchecked") // a slot is a node or a value
    private V value(Object slot) {
        return (V) slot;
    }

    /**
     * A node. The numbers below it differ in the five bits from {@code shift} on, and are equal above those.
     *
     * @param some one of the numbers below it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Node(long some, int shift, int present, Object[] slots) {
        boolean covers(long key) {
            return (key ^ some) >>> shift >>> BITS == 0;
        }

        long first() {
            return some & ~below();
        }

        long last() {
            return some | below();
        }

        /** A mask of all bits in which the numbers below it may differ. */
        private long below() {
            return ~(-1L << shift << BITS);
        }

        int bit(long key) {
            return 1 << (key >>> shift);
        }

        int at(int bit) {
            return Integer.bitCount(present & (bit - 1));
        }

        Node plus(int bit, int index, Object slot) {
            var more = new Object[slots.length + 1];
            System.arraycopy(slots, 0, more, 0, index);
            more[index] = slot;
            System.arraycopy(slots, index, more, index + 1, slots.length - index);
            return new Node(some, shift, present | bit, more);
        }

        /** The replacement of this node without a slot. */
        Object minus(int bit, int index) {
            if (slots.length == 2) {
                return slots[1 - index];
            }
            var fewer = new Object[slots.length - 1];
            System.arraycopy(slots, 0, fewer, 0, index);
            System.arraycopy(slots, index + 1, fewer, index, fewer.length - index);
            return new Node(some, shift, present ^ bit, fewer);
        }

        Node with(int index, Object slot) {
            Object[] copy = slots.clone();
            copy[index] = slot;
            return new Node(some, shift, present, copy);
        }
    }
}
