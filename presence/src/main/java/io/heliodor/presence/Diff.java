package io.heliodor.presence;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The changes of the presences on a topic. An update of a meta is both: the new one is under joins, the old one under leaves.
 * Presences that were added and removed between two diffs are in neither.
 *
 * @param joins the metas of added presences by key; a key with several presences has several
 * @param leaves the metas of removed presences by key
 * @param present the metas of all presences after the diff by key: an immutable view of that state. A look-up takes
 *     logarithmic time, iteration takes time linear in the number of presences
 * @param <M> the type of the metas
 */
public record Diff<M>(Map<String, List<M>> joins, Map<String, List<M>> leaves, Map<String, List<M>> present) {
    /** Checks that no value is null. */
    public Diff {
        Objects.requireNonNull(joins, "joins");
        Objects.requireNonNull(leaves, "leaves");
        Objects.requireNonNull(present, "present");
    }

    /**
     * Whether there are neither joins nor leaves. The first diff of an empty topic has none.
     *
     * @return true if both are empty
     */
    public boolean isEmpty() {
        return joins.isEmpty() && leaves.isEmpty();
    }
}
