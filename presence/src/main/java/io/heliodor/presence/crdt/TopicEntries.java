package io.heliodor.presence.crdt;

import org.jspecify.annotations.Nullable;

/** The entries of one topic, at least one. */
sealed interface TopicEntries<M> permits Entry, Entries {
    static <M> TopicEntries<M> plus(@Nullable TopicEntries<M> present, Entry<M> added) {
        return switch (present) {
            case null -> added;
            case Entry<M> one -> Entries.of(one).plus(added);
            case Entries<M> entries -> entries.plus(added);
        };
    }

    /** The entries without one of them; null if none is left. */
    static <M> @Nullable TopicEntries<M> minus(TopicEntries<M> present, Entry<M> removed) {
        return switch (present) {
            case Entry<M> one -> null;
            case Entries<M> entries -> {
                Entries<M> left = entries.minus(removed);
                yield left.size() == 1 ? left.iterator().next() : left;
            }
        };
    }

    static <M> Entries<M> entries(@Nullable TopicEntries<M> present) {
        return switch (present) {
            case null -> Entries.none();
            case Entry<M> one -> Entries.of(one);
            case Entries<M> entries -> entries;
        };
    }
}
