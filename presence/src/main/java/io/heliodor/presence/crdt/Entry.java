package io.heliodor.presence.crdt;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One presence: an owner with a topic, a key and a meta. Immutable. Two entries are equal if their dots are.
 *
 * <p>An entry is also the collection of one entry of a key, a topic or an owner, since most of them have just one.
 *
 * @param <M> the type of the meta
 */
public final class Entry<M> implements KeyEntries<M>, TopicEntries<M>, OwnerEntries<M> {
    private final ReplicaId replica;
    private final long counter;
    private final String topic;
    private final String key;
    private final long owner;
    private final M meta;
    private final @Nullable Dot previous;
    private final int bytes;

    /**
     * An entry of this node.
     *
     * @param dot its identifier
     * @param topic the topic
     * @param key the key that readers see
     * @param owner the number of its owner in its replica
     * @param meta the metadata
     * @param previous the dot of the entry that this one replaced, if any
     */
    public Entry(Dot dot, String topic, String key, long owner, M meta, @Nullable Dot previous) {
        this(dot.replica(), dot.counter(), topic, key, owner, meta, previous, 0);
    }

    private Entry(
            ReplicaId replica,
            long counter,
            String topic,
            String key,
            long owner,
            M meta,
            @Nullable Dot previous,
            int bytes) {
        this.replica = replica;
        this.counter = counter;
        this.topic = Objects.requireNonNull(topic, "topic");
        this.key = Objects.requireNonNull(key, "key");
        this.owner = owner;
        this.meta = Objects.requireNonNull(meta, "meta");
        this.previous = previous;
        this.bytes = bytes;
    }

    /**
     * An entry of another node. Its owner is not known here.
     *
     * @param dot its identifier
     * @param topic the topic
     * @param key the key that readers see
     * @param meta the metadata
     * @param previous the dot of the entry that this one replaced, if any
     * @param bytes the heap that it takes
     * @param <M> the type of the meta
     * @return the entry
     */
    public static <M> Entry<M> received(Dot dot, String topic, String key, M meta, @Nullable Dot previous, int bytes) {
        return new Entry<>(dot.replica(), dot.counter(), topic, key, 0, meta, previous, bytes);
    }

    /** This entry, with the strings and the id of others. Each message has copies of its own. */
    @SuppressWarnings("ReferenceEquality") // the same objects need no other entry
    Entry<M> sharing(ReplicaId id, String canonicalTopic) {
        return id == replica && canonicalTopic == topic
                ? this
                : new Entry<>(id, counter, canonicalTopic, key, owner, meta, previous, bytes);
    }

    /** The identifier of this entry, unique among all replicas and never used again. */
    public Dot dot() {
        return new Dot(replica, counter);
    }

    /** The topic. */
    public String topic() {
        return topic;
    }

    /** The key that readers see. */
    public String key() {
        return key;
    }

    /** The number of its owner in its replica; 0 for an entry of another node. */
    @Override
    public long owner() {
        return owner;
    }

    /** The metadata. */
    public M meta() {
        return meta;
    }

    /** The dot of the entry that this one replaced, if any. */
    public @Nullable Dot previous() {
        return previous;
    }

    /** The heap that it takes, for an entry of another node; 0 for one of this node, which its owner counts. */
    int bytes() {
        return bytes;
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
