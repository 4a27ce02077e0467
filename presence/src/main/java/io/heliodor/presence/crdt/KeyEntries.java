package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one key in one topic, at least one. They are ordered by replica, then by counter, which is the same on every node.
 */
sealed interface KeyEntries<M> permits Entry, FewEntries, ManyEntries {
    static <M> KeyEntries<M> plus(@Nullable KeyEntries<M> present, Entry<M> added) {
        return switch (present) {
            case null -> added;
            case Entry<M> one -> FewEntries.of(one, added);
            case FewEntries<M> few -> few.plus(added);
            case ManyEntries<M> many -> many.plus(added);
        };
    }

    /** The entries without one of them; null if none is left. */
    static <M> @Nullable KeyEntries<M> minus(KeyEntries<M> present, Entry<M> removed) {
        return switch (present) {
            case Entry<M> one -> null;
            case FewEntries<M> few -> few.minus(removed);
            case ManyEntries<M> many -> many.minus(removed);
        };
    }

    static <M> List<Entry<M>> list(@Nullable KeyEntries<M> present) {
        return switch (present) {
            case null -> List.of();
            case Entry<M> one -> List.of(one);
            case FewEntries<M> few -> few.entries();
            case ManyEntries<M> many -> {
                List<Entry<M>> all = new ArrayList<>();
                many.rows().forEach(row -> row.entries().forEach(all::add));
                yield List.copyOf(all);
            }
        };
    }
}
