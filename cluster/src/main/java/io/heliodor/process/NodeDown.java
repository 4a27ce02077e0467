package io.heliodor.process;

import java.util.Objects;

/**
 * A monitored node has left the view.
 *
 * @param node its name
 */
public record NodeDown(String node) {
    /** Checks that no value is null. */
    public NodeDown {
        Objects.requireNonNull(node, "node");
    }
}
