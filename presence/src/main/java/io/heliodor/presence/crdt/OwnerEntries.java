package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The entries of one owner, at least one. */
sealed interface OwnerEntries<M> permits Entry, ManyOwnerEntries {
    /** The number of the owner. */
    long owner();

    static <M> OwnerEntries<M> plus(@Nullable OwnerEntries<M> present, Entry<M> added) {
        return switch (present) {
            case null -> added;
            case Entry<M> one ->
                new ManyOwnerEntries<>(
                        one.owner(), EntriesByTopic.<M>none().plus(one).plus(added));
            case ManyOwnerEntries<M> several ->
                new ManyOwnerEntries<>(several.owner(), several.topics().plus(added));
        };
    }

    /** The entries without one of them; null if none is left. */
    static <M> @Nullable OwnerEntries<M> minus(OwnerEntries<M> present, Entry<M> removed) {
        return switch (present) {
            case Entry<M> one -> null;
            case ManyOwnerEntries<M> several -> {
                EntriesByTopic<M> left = several.topics().minus(removed);
                yield left.size() == 0 ? null : new ManyOwnerEntries<>(several.owner(), left);
            }
        };
    }

    static <M> List<Entry<M>> list(@Nullable OwnerEntries<M> present) {
        return switch (present) {
            case null -> List.of();
            case Entry<M> one -> List.of(one);
            case ManyOwnerEntries<M> several -> {
                List<Entry<M>> all = new ArrayList<>(several.topics().size());
                several.topics().forEach(all::add);
                yield List.copyOf(all);
            }
        };
    }

    static <M> List<Entry<M>> find(@Nullable OwnerEntries<M> present, String topic, String key) {
        return switch (present) {
            case null -> List.of();
            case Entry<M> one -> one.topic().equals(topic) && one.key().equals(key) ? List.of(one) : List.of();
            case ManyOwnerEntries<M> several -> several.topics().get(topic, key);
        };
    }
}
