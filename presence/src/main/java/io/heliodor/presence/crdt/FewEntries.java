package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;

/** Two to {@value #MAX} entries of one key, in order: so few that copying them is cheaper than a tree. */
record FewEntries<M>(List<Entry<M>> entries) implements KeyEntries<M> {
    static final int MAX = 16;

    static <M> FewEntries<M> of(Entry<M> one, Entry<M> other) {
        return new FewEntries<>(one.compareDot(other) < 0 ? List.of(one, other) : List.of(other, one));
    }

    KeyEntries<M> plus(Entry<M> added) {
        if (entries.size() == MAX) {
            return ManyEntries.of(entries).plus(added);
        }
        int at = entries.size();
        while (at > 0 && entries.get(at - 1).compareDot(added) > 0) {
            at--;
        }
        List<Entry<M>> more = new ArrayList<>(entries);
        more.add(at, added);
        return new FewEntries<>(List.copyOf(more));
    }

    KeyEntries<M> minus(Entry<M> removed) {
        int at = entries.indexOf(removed);
        if (entries.size() == 2) {
            return entries.get(1 - at);
        }
        List<Entry<M>> fewer = new ArrayList<>(entries);
        fewer.remove(at);
        return new FewEntries<>(List.copyOf(fewer));
    }
}
