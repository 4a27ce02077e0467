package io.heliodor.presence.crdt;

import java.util.List;

/**
 * A part of a state: what is known about some dots. A dot in the context without an entry was removed.
 *
 * @param entries those of the dots that are present
 * @param context all the dots that this says something about
 * @param <M> type of what is said about an entry
 */
public record Delta<M>(List<Entry<M>> entries, CausalContext context) {
    /** Checks that the context has the dots of all entries, and none of a replica that it says has ended. */
    public Delta {
        entries = List.copyOf(entries);
        for (Entry<M> entry : entries) {
            if (!context.contains(entry.replica(), entry.counter()) || context.ended(entry.replica())) {
                throw new IllegalArgumentException(
                        "The context of a delta has the dots of its entries, and of no ended replica, but \"%s\" is not so in %s"
                                .formatted(entry, context));
            }
        }
    }

    static <M> Delta<M> nothing() {
        return new Delta<>(List.of(), CausalContext.empty());
    }

    /** Whether it says nothing. */
    public boolean isEmpty() {
        return context.isEmpty();
    }
}
