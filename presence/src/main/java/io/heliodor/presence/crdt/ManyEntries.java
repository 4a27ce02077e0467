package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;

/** Many entries of one key: a tree for each replica, ordered by replica. */
record ManyEntries<M>(List<Row<M>> rows, int size) implements KeyEntries<M> {
    /** The entries of one replica. */
    record Row<M>(ReplicaId replica, RadixTree<Entry<M>> entries) {}

    static <M> ManyEntries<M> of(List<Entry<M>> entries) {
        ManyEntries<M> all = new ManyEntries<>(List.of(), 0);
        for (Entry<M> entry : entries) {
            all = all.plus(entry);
        }
        return all;
    }

    ManyEntries<M> plus(Entry<M> added) {
        int at = at(added.replica());
        boolean known = at < rows.size() && rows.get(at).replica.equals(added.replica());
        RadixTree<Entry<M>> present = known ? rows.get(at).entries : RadixTree.byCounter();
        List<Row<M>> more = new ArrayList<>(rows);
        if (known) {
            more.remove(at);
        }
        more.add(at, new Row<>(added.replica(), present.put(added)));
        return new ManyEntries<>(List.copyOf(more), size + 1);
    }

    KeyEntries<M> minus(Entry<M> removed) {
        int at = at(removed.replica());
        RadixTree<Entry<M>> left = rows.get(at).entries.remove(removed.counter());
        List<Row<M>> fewer = new ArrayList<>(rows);
        if (left.size() == 0) {
            fewer.remove(at);
        } else {
            fewer.set(at, new Row<>(removed.replica(), left));
        }
        ManyEntries<M> rest = new ManyEntries<>(List.copyOf(fewer), size - 1);
        // Half of the maximum: additions and removals at the limit must not rebuild the tree each time.
        return rest.size > FewEntries.MAX / 2 ? rest : new FewEntries<>(KeyEntries.list(rest));
    }

    /** The index at which the row of a replica is, or would be inserted. */
    private int at(ReplicaId replica) {
        int at = 0;
        while (at < rows.size() && rows.get(at).replica.compareTo(replica) < 0) {
            at++;
        }
        return at;
    }
}
