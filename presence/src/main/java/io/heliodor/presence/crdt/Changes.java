package io.heliodor.presence.crdt;

import java.util.List;

/**
 * What a step changed for those who look. An update is one join and one leave under the same key. The leaves come first.
 *
 * @param joins what became visible
 * @param leaves what ceased to be
 * @param <M> type of what is said about an entry
 */
public record Changes<M>(List<Entry<M>> joins, List<Entry<M>> leaves) {
    /** Takes copies. */
    public Changes {
        joins = List.copyOf(joins);
        leaves = List.copyOf(leaves);
    }

    /** Whether nothing changed for those who look. */
    public boolean isEmpty() {
        return joins.isEmpty() && leaves.isEmpty();
    }
}
