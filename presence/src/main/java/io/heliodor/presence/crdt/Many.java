package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Many entries of one key: one tree for each replica, by replica. */
record Many<M>(List<Row<M>> rows, int size) implements OfKey<M> {
    /** What one replica added under the key. */
    record Row<M>(ReplicaId replica, Radix<Entry<M>> entries) {}

    static <M> Many<M> of(List<Entry<M>> entries) {
        Many<M> all = new Many<>(List.of(), 0);
        for (Entry<M> entry : entries) {
            all = all.plus(entry);
        }
        return all;
    }

    Many<M> plus(Entry<M> added) {
        int at = at(added.replica());
        boolean known = at < rows.size() && rows.get(at).replica.equals(added.replica());
        Radix<Entry<M>> present = known ? rows.get(at).entries : Radix.byCounter();
        List<Row<M>> more = new ArrayList<>(rows);
        if (known) {
            more.remove(at);
        }
        more.add(at, new Row<>(added.replica(), present.put(added)));
        return new Many<>(List.copyOf(more), size + 1);
    }

    OfKey<M> minus(Entry<M> removed) {
        int at = at(removed.replica());
        Radix<Entry<M>> left = rows.get(at).entries.remove(removed.counter());
        List<Row<M>> fewer = new ArrayList<>(rows);
        if (left.size() == 0) {
            fewer.remove(at);
        } else {
            fewer.set(at, new Row<>(removed.replica(), left));
        }
        Many<M> rest = new Many<>(List.copyOf(fewer), size - 1);
        // Half, so that coming and going at the bound does not build a tree each time.
        return rest.size > Few.MOST / 2 ? rest : new Few<>(OfKey.list(rest));
    }

    /** Where the row of a replica is or would be. */
    private int at(ReplicaId replica) {
        int at = 0;
        while (at < rows.size() && rows.get(at).replica.compareTo(replica) < 0) {
            at++;
        }
        return at;
    }

    void forEach(Consumer<? super Entry<M>> visitor) {
        for (Row<M> row : rows) {
            row.entries.forEach(visitor);
        }
    }
}
