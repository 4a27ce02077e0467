package io.heliodor.presence;

import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.Dot;
import io.heliodor.presence.crdt.Entry;
import java.util.LinkedHashMap;
import java.util.Map;

/** The net changes since the last round: an entry that was both added and removed is left out. Guarded by the lock of its shard. */
final class PendingDiff<M> {
    private final Map<Dot, Entry<M>> joins = new LinkedHashMap<>();
    private final Map<Dot, Entry<M>> leaves = new LinkedHashMap<>();

    void add(Changes<M> changes) {
        changes.joins().forEach(this::join);
        changes.leaves().forEach(this::leave);
    }

    private void join(Entry<M> entry) {
        // A replica that is hidden and shown again brings back the same entry.
        if (leaves.remove(entry.dot()) == null) {
            joins.put(entry.dot(), entry);
        }
    }

    private void leave(Entry<M> entry) {
        if (joins.remove(entry.dot()) == null) {
            leaves.put(entry.dot(), entry);
        }
    }

    boolean isEmpty() {
        return joins.isEmpty() && leaves.isEmpty();
    }

    Iterable<Entry<M>> joins() {
        return joins.values();
    }

    Iterable<Entry<M>> leaves() {
        return leaves.values();
    }
}
