package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one key in one topic, never none: ordered by replica, and for each replica as it added them, so that
 * every node has them in one order.
 */
sealed interface OfKey<M> permits Entry, Few, Many {
    static <M> OfKey<M> plus(@Nullable OfKey<M> present, Entry<M> added) {
        return switch (present) {
            case null -> added;
            case Entry<M> one -> Few.of(one, added);
            case Few<M> few -> few.plus(added);
            case Many<M> many -> many.plus(added);
        };
    }

    /** The entry must be there. Null when nothing is left. */
    static <M> @Nullable OfKey<M> minus(OfKey<M> present, Entry<M> removed) {
        return switch (present) {
            case Entry<M> one -> null;
            case Few<M> few -> few.minus(removed);
            case Many<M> many -> many.minus(removed);
        };
    }

    static <M> List<Entry<M>> list(@Nullable OfKey<M> present) {
        return switch (present) {
            case null -> List.of();
            case Entry<M> one -> List.of(one);
            case Few<M> few -> few.entries();
            case Many<M> many -> {
                List<Entry<M>> all = new ArrayList<>();
                many.forEach(all::add);
                yield List.copyOf(all);
            }
        };
    }
}
