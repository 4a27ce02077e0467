package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The entries of one owner, never none. */
sealed interface OfOwner<M> permits Entry, Belongings {
    /** Whose entries they are. */
    long owner();

    static <M> OfOwner<M> plus(@Nullable OfOwner<M> present, Entry<M> added) {
        return switch (present) {
            case null -> added;
            case Entry<M> one ->
                new Belongings<>(one.owner(), Topics.<M>none().plus(one).plus(added));
            case Belongings<M> several ->
                new Belongings<>(several.owner(), several.topics().plus(added));
        };
    }

    /** The entry must be there. Null when nothing is left. */
    static <M> @Nullable OfOwner<M> minus(OfOwner<M> present, Entry<M> removed) {
        return switch (present) {
            case Entry<M> one -> null;
            case Belongings<M> several -> {
                Topics<M> left = several.topics().minus(removed);
                yield left.size() == 0 ? null : new Belongings<>(several.owner(), left);
            }
        };
    }

    static <M> int size(@Nullable OfOwner<M> present) {
        return switch (present) {
            case null -> 0;
            case Entry<M> one -> 1;
            case Belongings<M> several -> several.topics().size();
        };
    }

    static <M> List<Entry<M>> list(@Nullable OfOwner<M> present) {
        return switch (present) {
            case null -> List.of();
            case Entry<M> one -> List.of(one);
            case Belongings<M> several -> {
                List<Entry<M>> all = new ArrayList<>(several.topics().size());
                several.topics().forEach(all::add);
                yield List.copyOf(all);
            }
        };
    }

    static <M> List<Entry<M>> find(@Nullable OfOwner<M> present, String topic, String key) {
        return switch (present) {
            case null -> List.of();
            case Entry<M> one -> one.topic().equals(topic) && one.key().equals(key) ? List.of(one) : List.of();
            case Belongings<M> several -> several.topics().get(topic, key);
        };
    }
}
