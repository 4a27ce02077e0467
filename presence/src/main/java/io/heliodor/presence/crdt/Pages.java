package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts what a state knows about some dots into deltas of bounded size, each of which is true by itself. */
final class Pages<M> {
    private final int most;
    private final List<Delta<M>> full = new ArrayList<>();
    private List<Entry<M>> entries = new ArrayList<>();
    private CausalContext context = CausalContext.empty();
    private int ranges;

    private Pages(int most) {
        this.most = most;
    }

    /** The dots must be among those that the state has seen. */
    static <M> List<Delta<M>> of(State<M> state, CausalContext dots, int most) {
        if (most < 1) {
            throw new IllegalArgumentException("A page takes at least 1 entry, not " + most);
        }
        var pages = new Pages<M>(most);
        dots.forEach((replica, counters) -> {
            pages.cover(replica, Ranges.NONE);
            Replica<M> known = state.replicas().get(replica.name());
            for (int range = 0; range < counters.count(); range++) {
                pages.add(replica, counters.first(range), counters.last(range), known);
            }
        });
        pages.turn();
        return List.copyOf(pages.full);
    }

    private void add(ReplicaId replica, long first, long last, @Nullable Replica<M> known) {
        List<Entry<M>> present = new ArrayList<>();
        if (known != null && known.id().equals(replica)) {
            known.entries().forEach(first, last, present::add);
        }
        long from = first;
        for (Entry<M> entry : present) {
            if (entries.size() == most) {
                if (from < entry.counter()) {
                    cover(replica, Ranges.of(from, entry.counter() - 1));
                }
                turn();
                from = entry.counter();
            }
            entries.add(entry);
        }
        cover(replica, Ranges.of(from, last));
    }

    private void cover(ReplicaId replica, Ranges counters) {
        context = context.with(replica, counters);
        ranges++;
        if (ranges == most) {
            turn();
        }
    }

    private void turn() {
        if (!context.isEmpty()) {
            full.add(new Delta<>(entries, context));
            entries = new ArrayList<>();
            context = CausalContext.empty();
            ranges = 0;
        }
    }
}
