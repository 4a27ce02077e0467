package io.heliodor.membership;

import java.util.Map;
import java.util.Optional;

/**
 * Entries that each node publishes about itself, such as its version, its load and its tags. A node writes its own entries
 * only. The others see them a moment later, and see none of a node that is not a member.
 *
 * <p>All methods may be called from any thread and do not block.
 */
public interface Metadata {
    /**
     * Sets an entry of this node.
     *
     * @param key 1 to 255 bytes of UTF-8 without control characters
     * @param value up to 4 096 bytes of UTF-8
     * @throws IllegalArgumentException when key or value are not such
     * @throws IllegalStateException when this node has 1 000 entries already
     */
    void put(String key, String value);

    /**
     * Removes an entry of this node. Without such an entry nothing happens.
     *
     * @param key its key
     */
    void remove(String key);

    /**
     * An entry of this node.
     *
     * @param key its key
     * @return its value, if there is one
     */
    Optional<String> get(String key);

    /**
     * The entries of any node.
     *
     * @param node its name
     * @return an immutable map; empty if the node is not a member
     */
    Map<String, String> entries(String node);
}
