package io.heliodor.once;

import java.util.Objects;

/**
 * The keys of one node, from their begin to their end.
 *
 * @param node the name of one incarnation of a node
 * @param generation the number of those that the node had before
 */
public record KeyOwner(String node, int generation) {
    /** Checks that there is a name. */
    public KeyOwner {
        Objects.requireNonNull(node, "node");
    }
}
