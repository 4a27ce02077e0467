package io.heliodor.presence.crdt;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** Entries by topic and key. It has no topics without entries. */
record EntriesByTopic<M>(Trie<TopicEntries<M>> topics, int size) {
    private static final EntriesByTopic<?> NONE = new EntriesByTopic<>(Trie.empty(), 0);

    @SuppressWarnings("unchecked") // nothing is in it
    static <M> EntriesByTopic<M> none() {
        return (EntriesByTopic<M>) NONE;
    }

    EntriesByTopic<M> plus(Entry<M> added) {
        TopicEntries<M> present = topics.get(added.topic());
        return new EntriesByTopic<>(topics.put(added.topic(), TopicEntries.plus(present, added)), size + 1);
    }

    /** These without an entry, which must be present. */
    EntriesByTopic<M> minus(Entry<M> removed) {
        String topic = removed.topic();
        TopicEntries<M> left = TopicEntries.minus(Objects.requireNonNull(topics.get(topic)), removed);
        return new EntriesByTopic<>(left == null ? topics.remove(topic) : topics.put(topic, left), size - 1);
    }

    Entries<M> topic(String topic) {
        return TopicEntries.entries(topics.get(topic));
    }

    List<Entry<M>> get(String topic, String key) {
        return switch (topics.get(topic)) {
            case null -> List.of();
            case Entry<M> one -> one.key().equals(key) ? List.of(one) : List.of();
            case Entries<M> entries -> entries.get(key);
        };
    }

    void forEach(Consumer<? super Entry<M>> visitor) {
        topics.forEach((topic, present) -> {
            switch (present) {
                case Entry<M> one -> visitor.accept(one);
                case Entries<M> entries -> entries.forEach(visitor);
            }
        });
    }
}
