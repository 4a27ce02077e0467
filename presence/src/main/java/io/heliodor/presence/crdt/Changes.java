package io.heliodor.presence.crdt;

import java.util.List;

/**
 * The changes of the visible entries in one transition. An update is one join and one leave with the same key, of which the leave
 * comes first.
 *
 * @param joins the entries that became visible
 * @param leaves the entries that are not visible any more
 * @param <M> the type of the metas
 */
public record Changes<M>(List<Entry<M>> joins, List<Entry<M>> leaves) {
    /** Copies the lists. */
    public Changes {
        joins = List.copyOf(joins);
        leaves = List.copyOf(leaves);
    }
}
