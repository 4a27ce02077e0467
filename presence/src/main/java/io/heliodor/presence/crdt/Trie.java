package io.heliodor.presence.crdt;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A persistent map from strings to values. Changes return another map, which shares all unchanged nodes.
 *
 * <p>It is a compressed hash-array mapped prefix tree (Bagwell: <i>Ideal hash trees</i>, 2001; Steindorfer and Vinju:
 * <i>Optimizing hash-array mapped tries for fast and lean immutable JVM collections</i>, 2015). Each level uses five bits of the hash.
 * A node has two bit maps and one array without gaps: its keys with their values, then its children. The form depends on the content
 * only, so equal content is iterated in equal order.
 *
 * <p>Keys come from clients, who can easily make many strings with one {@link String#hashCode}. When its bits are used up, the next
 * levels use bits of a keyed hash ({@link SipHash}) with a random secret of this JVM, then with another secret, and so on. So there are
 * no lists of collisions, and a client cannot make long paths: n colliding keys need about six levels and log n. Keys that do not collide
 * are not affected.
 */
record Trie<V>(Node root, int size) implements Iterable<V> {
    private static final Trie<?> EMPTY = new Trie<>(new Node(0, 0, new Object[0]), 0);
    private static final int BITS = 5;
    private static final int LEVELS = 6;
    private static final long SECRET = new SecureRandom().nextLong();
    private static final long SECRET_TOO = new SecureRandom().nextLong();

    @SuppressWarnings("unchecked") // nothing is in it
    static <V> Trie<V> empty() {
        return (Trie<V>) EMPTY;
    }

    @SuppressWarnings("unchecked") // put takes nothing else
    @Nullable
    V get(String key) {
        return (V) root.get(key, 1);
    }

    /** The key of this map that equals the given one; the given one itself if there is none. */
    String canonical(String key) {
        return root.get(key, 0) instanceof String present ? present : key;
    }

    Trie<V> put(String key, V value) {
        boolean replaced = root.get(key, 1) != null;
        return new Trie<>(root.put(key, value, 0), replaced ? size : size + 1);
    }

    @SuppressWarnings("ReferenceEquality") // unchanged parts are the same objects
    Trie<V> remove(String key) {
        Node without = root.remove(key, 0);
        if (without == root) {
            return this;
        }
        return size == 1 ? empty() : new Trie<>(without, size - 1);
    }

    @SuppressWarnings("unchecked") // put takes nothing else
    void forEach(BiConsumer<String, ? super V> visitor) {
        root.forEach((key, value) -> visitor.accept(key, (V) value));
    }

    /** The values, in the order of {@link #forEach}. */
    @Override
    public Iterator<V> iterator() {
        return new Values<>(root);
    }

    /** The bit for the position of a key in a node of that depth. */
    private static int bit(String key, int depth) {
        int round = depth / LEVELS;
        int hash;
        if (round == 0) {
            hash = key.hashCode();
            hash ^= hash >>> 16;
        } else {
            hash = (int) SipHash.of(key, SECRET + round, SECRET_TOO);
        }
        return 1 << (hash >>> (BITS * (depth % LEVELS)));
    }

    /**
     * The results of a function for all values, in order, each for one part of them. Parts without changes keep their results: the
     * function is called for the others only. A map with at most {@code max} keys is one part, and keeps nothing.
     *
     * @param max the maximum number of keys of a part
     * @param encoder identifies the function; only results of the latest one are kept
     * @param encode a pure function of the values of a part, of which there is at least one
     */
    <T> List<T> parts(int max, Object encoder, Function<Iterator<V>, T> encode) {
        if (size == 0) {
            return List.of();
        }
        return size <= max ? List.of(encode.apply(iterator())) : root.parts(max, encoder, encode);
    }

    /** The results for the parts of a node, in order. */
    private record Kept(Object encoder, List<?> results) {}

    static final class Node {
        private final int keys;
        private final int nodes;
        private final Object[] slots;

        /**
         * A function of the content, so that racing threads may each compute it. It ends with the node, and a change makes another
         * node: a removed entry is not kept.
         */
        private @Nullable Kept kept;

        Node(int keys, int nodes, Object[] slots) {
            this.keys = keys;
            this.nodes = nodes;
            this.slots = slots;
        }

        @SuppressWarnings("unchecked") // the results of this encoder, and the values of this map
        <V, T> List<T> parts(int max, Object encoder, Function<Iterator<V>, T> encode) {
            Kept known = kept;
            if (known != null && known.encoder().equals(encoder)) {
                return (List<T>) known.results();
            }
            List<T> results;
            if (keysUpTo(max + 1) <= max) {
                results = List.of(encode.apply(new Values<>(this)));
            } else {
                results = new ArrayList<>();
                if (keys != 0) {
                    Node own = new Node(keys, 0, Arrays.copyOf(slots, firstNode()));
                    results.add(encode.apply(new Values<>(own)));
                }
                for (int at = firstNode(); at < slots.length; at++) {
                    results.addAll(node(at).<V, T>parts(max, encoder, encode));
                }
            }
            kept = new Kept(encoder, results);
            return results;
        }

        /** The number of keys here and below, counted up to a limit. */
        private int keysUpTo(int limit) {
            int count = Integer.bitCount(keys);
            for (int at = firstNode(); at < slots.length && count < limit; at++) {
                count += node(at).keysUpTo(limit - count);
            }
            return count;
        }

        /** The slot of a key, with an offset: 0 for the key itself, 1 for its value. Null if the key is missing. */
        @Nullable
        Object get(String key, int offset) {
            Node node = this;
            for (int depth = 0; ; depth++) {
                int bit = bit(key, depth);
                if ((node.keys & bit) != 0) {
                    int at = node.keyAt(bit);
                    return node.slots[at].equals(key) ? node.slots[at + offset] : null;
                }
                if ((node.nodes & bit) == 0) {
                    return null;
                }
                node = node.node(node.nodeAt(bit));
            }
        }

        Node put(String key, Object value, int depth) {
            int bit = bit(key, depth);
            if ((keys & bit) != 0) {
                int at = keyAt(bit);
                if (slots[at].equals(key)) {
                    return with(at + 1, value);
                }
                return push(bit, two((String) slots[at], slots[at + 1], key, value, depth + 1));
            }
            if ((nodes & bit) != 0) {
                int at = nodeAt(bit);
                return with(at, node(at).put(key, value, depth + 1));
            }
            int at = keyAt(bit);
            var more = new Object[slots.length + 2];
            System.arraycopy(slots, 0, more, 0, at);
            more[at] = key;
            more[at + 1] = value;
            System.arraycopy(slots, at, more, at + 2, slots.length - at);
            return new Node(keys | bit, nodes, more);
        }

        /** This node without a key; this object if the key is missing. */
        @SuppressWarnings("ReferenceEquality") // unchanged parts are the same objects
        Node remove(String key, int depth) {
            int bit = bit(key, depth);
            if ((keys & bit) != 0) {
                int at = keyAt(bit);
                return slots[at].equals(key) ? without(bit, at) : this;
            }
            if ((nodes & bit) == 0) {
                return this;
            }
            int at = nodeAt(bit);
            Node child = node(at);
            Node left = child.remove(key, depth + 1);
            if (left == child) {
                return this;
            }
            return left.nodes == 0 && left.slots.length == 2 ? pull(bit, at, left) : with(at, left);
        }

        void forEach(BiConsumer<String, Object> visitor) {
            int firstNode = firstNode();
            for (int at = 0; at < firstNode; at += 2) {
                visitor.accept((String) slots[at], slots[at + 1]);
            }
            for (int at = firstNode; at < slots.length; at++) {
                node(at).forEach(visitor);
            }
        }

        int firstNode() {
            return 2 * Integer.bitCount(keys);
        }

        Node node(int at) {
            return (Node) slots[at];
        }

        private static Node two(String one, Object oneValue, String other, Object otherValue, int depth) {
            int oneBit = bit(one, depth);
            int otherBit = bit(other, depth);
            if (oneBit == otherBit) {
                return new Node(0, oneBit, new Object[] {two(one, oneValue, other, otherValue, depth + 1)});
            }
            boolean inOrder = Integer.compareUnsigned(oneBit, otherBit) < 0;
            return new Node(
                    oneBit | otherBit,
                    0,
                    inOrder
                            ? new Object[] {one, oneValue, other, otherValue}
                            : new Object[] {other, otherValue, one, oneValue});
        }

        private int keyAt(int bit) {
            return 2 * Integer.bitCount(keys & (bit - 1));
        }

        private int nodeAt(int bit) {
            return firstNode() + Integer.bitCount(nodes & (bit - 1));
        }

        private Node with(int at, Object slot) {
            Object[] copy = slots.clone();
            copy[at] = slot;
            return new Node(keys, nodes, copy);
        }

        private Node without(int bit, int at) {
            var fewer = new Object[slots.length - 2];
            System.arraycopy(slots, 0, fewer, 0, at);
            System.arraycopy(slots, at + 2, fewer, at, fewer.length - at);
            return new Node(keys ^ bit, nodes, fewer);
        }

        /** This node with a child in place of a key. */
        private Node push(int bit, Node child) {
            int from = keyAt(bit);
            int to = nodeAt(bit) - 2;
            var fewer = new Object[slots.length - 1];
            System.arraycopy(slots, 0, fewer, 0, from);
            System.arraycopy(slots, from + 2, fewer, from, to - from);
            fewer[to] = child;
            System.arraycopy(slots, to + 2, fewer, to + 1, slots.length - to - 2);
            return new Node(keys ^ bit, nodes | bit, fewer);
        }

        /** This node with the only key of a child in place of that child. */
        private Node pull(int bit, int from, Node child) {
            int to = keyAt(bit);
            var more = new Object[slots.length + 1];
            System.arraycopy(slots, 0, more, 0, to);
            more[to] = child.slots[0];
            more[to + 1] = child.slots[1];
            System.arraycopy(slots, to, more, to + 2, from - to);
            System.arraycopy(slots, from + 1, more, from + 2, slots.length - from - 1);
            return new Node(keys | bit, nodes ^ bit, more);
        }
    }

    private static final class Values<V> implements Iterator<V> {
        private final Deque<Node> waiting = new ArrayDeque<>();
        private Node node;
        private int at;

        Values(Node root) {
            this.node = root;
        }

        @Override
        public boolean hasNext() {
            while (at == node.firstNode()) {
                for (int child = node.slots.length - 1; child >= at; child--) {
                    waiting.push(node.node(child));
                }
                if (waiting.isEmpty()) {
                    node = new Node(0, 0, new Object[0]);
                    at = 0;
                    return false;
                }
                node = waiting.pop();
                at = 0;
            }
            return true;
        }

        @Override
        @SuppressWarnings("unchecked") // put takes nothing else
        public V next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            at += 2;
            return (V) node.slots[at - 1];
        }
    }
}
