package io.heliodor.presence.crdt;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One presence: an owner is on a topic under a key. Two entries with the same dot are the same entry, and equal.
 *
 * <p>It stands for itself wherever a collection would hold only one: most keys, topics and owners have just one.
 *
 * @param <M> type of what is said about it
 */
public final class Entry<M> implements KeyEntries<M>, TopicEntries<M>, OwnerEntries<M> {
    private final ReplicaId replica;
    private final long counter;
    private final String topic;
    private final String key;
    private final long owner;
    private final M meta;
    private final @Nullable Dot previous;

    /**
     * An entry as its replica made it.
     *
     * @param dot names it
     * @param topic where it is present
     * @param key who is present, as seen from outside
     * @param owner whose end ends it: a number that its replica gave; 0 in the copies of others, which do not need it
     * @param meta what is said about it
     * @param previous the dot of the entry that this one replaced, if it did
     */
    public Entry(Dot dot, String topic, String key, long owner, M meta, @Nullable Dot previous) {
        this.replica = dot.replica();
        this.counter = dot.counter();
        this.topic = Objects.requireNonNull(topic, "topic");
        this.key = Objects.requireNonNull(key, "key");
        this.owner = owner;
        this.meta = Objects.requireNonNull(meta, "meta");
        this.previous = previous;
    }

    /** Names this entry among all that ever were. */
    public Dot dot() {
        return new Dot(replica, counter);
    }

    /** Where it is present. */
    public String topic() {
        return topic;
    }

    /** Who is present, as seen from outside. */
    public String key() {
        return key;
    }

    /** Whose end ends it: a number that its replica gave. */
    @Override
    public long owner() {
        return owner;
    }

    /** What is said about it. */
    public M meta() {
        return meta;
    }

    /** The dot of the entry that this one replaced, if it did. */
    public @Nullable Dot previous() {
        return previous;
    }

    ReplicaId replica() {
        return replica;
    }

    long counter() {
        return counter;
    }

    int compareDot(Entry<?> other) {
        int byReplica = replica.compareTo(other.replica);
        return byReplica != 0 ? byReplica : Long.compare(counter, other.counter);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Entry<?> entry && counter == entry.counter && replica.equals(entry.replica);
    }

    @Override
    public int hashCode() {
        return 31 * replica.hashCode() + Long.hashCode(counter);
    }

    @Override
    public String toString() {
        return "%s is on %s as %s (%s %d.%d)"
                .formatted(owner, topic, key, replica.node(), replica.incarnation(), counter);
    }
}
