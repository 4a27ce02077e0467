package io.heliodor.inspect;

import java.util.List;

/**
 * A part of what was found.
 *
 * @param items the items, at most as many as requested
 * @param total the number of all that were found
 * @param complete whether all were read; false if the reading stopped at its limit
 * @param <T> the type of the items
 */
public record Page<T>(List<T> items, int total, boolean complete) {
    /** Copies the list. */
    public Page {
        items = List.copyOf(items);
    }
}
