package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The presences that one replica knows, with indexes: an add-wins observed-remove set with delta states (Almeida, Shoker and
 * Baquero: <i>Delta state replicated data types</i>; Bieniusa and others: <i>An optimized conflict-free replicated set</i>).
 *
 * <p>Each replica writes its own entries only. An addition and a removal each raise its <i>version</i> by one, and the version of an
 * addition is the counter of its entry. So a replica is known up to a version. The causal context of the set is the versions of all
 * replicas. Of two copies of a replica, the one with the greater version includes the other.
 *
 * <p>Immutable: every operation returns a {@link Transition} with the next state, and may be called by any thread. For each entry
 * that it touches, a change costs a few hundred bytes and time logarithmic in the number of entries.
 *
 * <p>Readers see the entries of replicas that are shown. The own replica always is, others are from a call of {@link #show} on.
 *
 * @param self the replica that owns this state
 * @param replicas all replicas by incarnation
 * @param visible the visible entries
 * @param owners the entries of this replica by owner
 * @param <M> the type of the metas
 */
public record State<M>(
        ReplicaId self, RadixTree<Replica<M>> replicas, EntriesByTopic<M> visible, RadixTree<OwnerEntries<M>> owners) {
    /** The initial state of a replica. */
    public static <M> State<M> of(ReplicaId self) {
        return of(self, 0);
    }

    /**
     * The initial state of a replica that starts again.
     *
     * @param self the replica
     * @param version greater than all versions that it had before
     */
    public static <M> State<M> of(ReplicaId self, long version) {
        Replica<M> own = Replica.<M>unknown(self).copiedAt(version).shown(true);
        return new State<>(self, RadixTree.<M>byIncarnation().put(own), EntriesByTopic.none(), RadixTree.byOwner());
    }

    /** The version up to which a replica is known; 0 for an unknown one. */
    public long version(ReplicaId of) {
        return replica(of).version();
    }

    /**
     * Adds an entry of this replica. The same owner, topic and key may be added again, which makes another entry.
     */
    public Transition<M> add(String topic, String key, long owner, M meta) {
        StateBuilder<M> builder = new StateBuilder<>(this, self);
        // One string for each topic: clients send equal ones as different objects.
        add(builder, visible.topics().canonical(topic), key, owner, meta, null);
        return builder.build();
    }

    private void add(StateBuilder<M> builder, String topic, String key, long owner, M meta, @Nullable Dot previous) {
        long counter = builder.replica().version() + 1;
        builder.add(new Entry<>(new Dot(self, counter), topic, key, owner, meta, previous));
        builder.setVersion(counter);
    }

    private void remove(StateBuilder<M> builder, Entry<M> entry) {
        long version = builder.replica().version() + 1;
        builder.remove(entry);
        builder.addRemoval(entry.counter(), version);
        builder.setVersion(version);
    }

    /**
     * Replaces an entry of this replica by one with another meta, in one transition.
     *
     * @throws IllegalArgumentException if the entry is not present, or is of another replica
     */
    public Transition<M> replace(Entry<M> old, M meta) {
        Entry<M> present = present(old);
        if (present == null) {
            throw new IllegalArgumentException(
                    "%s can only replace what it added and what is still present, not: %s".formatted(self, old));
        }
        StateBuilder<M> builder = new StateBuilder<>(this, self);
        remove(builder, present);
        add(builder, present.topic(), present.key(), present.owner(), meta, present.dot());
        return builder.build();
    }

    /** Removes entries of this replica. Entries of other replicas, and those that are not present any more, are ignored. */
    public Transition<M> remove(List<Entry<M>> entries) {
        StateBuilder<M> builder = new StateBuilder<>(this, self);
        Set<Entry<M>> removed = new HashSet<>();
        for (Entry<M> entry : entries) {
            Entry<M> present = present(entry);
            if (present != null && removed.add(present)) {
                remove(builder, present);
            }
        }
        return removed.isEmpty() ? unchanged() : builder.build();
    }

    /** Removes all entries of this replica. */
    public Transition<M> removeAll() {
        List<Entry<M>> own = new ArrayList<>();
        replica(self).entries().forEach(own::add);
        return remove(own);
    }

    /** Removes all entries of several owners of this replica, in one transition. */
    public Transition<M> removeOwners(Collection<Long> owners) {
        List<Entry<M>> entries = new ArrayList<>(owners.size());
        owners.forEach(owner -> entries.addAll(owned(owner)));
        return remove(entries);
    }

    /** Whether changes before a delta are missing here. They must be requested from its replica. */
    public boolean hasGap(Delta<M> delta) {
        return version(delta.replica()) < delta.from();
    }

    /**
     * Merges the changes of another replica. Nothing changes if the delta is known already, or has a {@linkplain #hasGap gap}.
     */
    public Transition<M> merge(Delta<M> delta) {
        long known = version(delta.replica());
        if (delta.to() <= known || delta.from() > known || delta.replica().equals(self)) {
            return unchanged();
        }
        StateBuilder<M> builder = new StateBuilder<>(this, delta.replica());
        for (long counter : delta.removed()) {
            Entry<M> present = builder.replica().entries().get(counter);
            if (present != null) {
                builder.remove(present);
            }
            // Removals that came with a page, too: other replicas may request them from this one.
            builder.addRemoval(counter, delta.to());
        }
        for (Entry<M> entry : delta.added()) {
            // Up to the version, a missing entry was removed.
            if (entry.counter() > known && builder.replica().entries().get(entry.counter()) == null) {
                builder.addReceived(entry);
            }
        }
        builder.setVersion(delta.to());
        return builder.build();
    }

    /**
     * Replaces the entries of a replica by a copy, unless this state has the same version or a later one.
     *
     * @param replica the replica
     * @param version the version up to which the copy is complete: that of its first page
     * @param last the version of its last page
     * @param entries the entries of all pages, by counter
     */
    public Transition<M> copy(ReplicaId replica, long version, long last, List<Entry<M>> entries) {
        if (version <= version(replica) || replica.equals(self)) {
            return unchanged();
        }
        StateBuilder<M> builder = new StateBuilder<>(this, replica);
        Set<Entry<M>> present = new HashSet<>(entries);
        List<Entry<M>> removed = new ArrayList<>();
        builder.replica().entries().forEach(0, last, entry -> {
            if (!present.contains(entry)) {
                removed.add(entry);
            }
        });
        removed.forEach(builder::remove);
        for (Entry<M> entry : entries) {
            if (builder.replica().entries().get(entry.counter()) == null) {
                builder.addReceived(entry);
            }
        }
        builder.setCopiedVersion(version);
        return builder.build();
    }

    /** The changes of a replica after a version; empty if some removals are not known any more, so that pages are needed. */
    public Optional<Delta<M>> since(ReplicaId id, long version) {
        Replica<M> replica = replica(id);
        if (version > replica.version() || !replica.removals().completeSince(version)) {
            return Optional.empty();
        }
        List<Entry<M>> added = new ArrayList<>();
        replica.entries().forEach(version + 1, replica.version(), added::add);
        List<Long> removed = new ArrayList<>();
        replica.removals().forEachSince(version, removed::add);
        return Optional.of(new Delta<>(id, version, replica.version(), added, removed));
    }

    /**
     * A page of a copy of a replica.
     *
     * @param id the replica
     * @param after the counter after which the page begins, less than the version; 0 for the first page
     * @param maxEntries the maximum number of entries
     */
    public CopyPage<M> page(ReplicaId id, long after, int maxEntries) {
        Replica<M> replica = replica(id);
        List<Entry<M>> entries = new ArrayList<>();
        // Entries with counters above the version came with pages, and may be removed already.
        replica.entries().first(after + 1, replica.version(), maxEntries, entries::add);
        long last = entries.size() < maxEntries
                ? replica.version()
                : entries.getLast().counter();
        return new CopyPage<>(id, replica.version(), after, last, entries);
    }

    /** Shows the entries of a replica to readers. */
    public Transition<M> show(ReplicaId replica) {
        return shown(replica, true);
    }

    /**
     * Hides the entries of a replica from readers.
     *
     * @throws IllegalArgumentException if it is this replica
     */
    public Transition<M> hide(ReplicaId replica) {
        checkOther(replica);
        return shown(replica, false);
    }

    private Transition<M> shown(ReplicaId replica, boolean shown) {
        if (replica(replica).shown() == shown) {
            return unchanged();
        }
        StateBuilder<M> builder = new StateBuilder<>(this, replica);
        builder.show(shown);
        return builder.build();
    }

    /**
     * Forgets a replica and its entries.
     *
     * @throws IllegalArgumentException if it is this replica
     */
    public Transition<M> forget(ReplicaId replica) {
        checkOther(replica);
        if (replicas.get(replica.incarnation()) == null) {
            return unchanged();
        }
        StateBuilder<M> builder = new StateBuilder<>(this, replica);
        builder.show(false);
        return builder.buildWithoutReplica();
    }

    private void checkOther(ReplicaId replica) {
        if (replica.equals(self)) {
            throw new IllegalArgumentException("A replica neither hides nor forgets itself, as " + self + " should");
        }
    }

    /** The number of visible entries. */
    public int size() {
        return visible.size();
    }

    /** The heap that replication takes, in bytes: the entries of other nodes, visible or not, and the removals of all nodes. */
    public long replicationBytes() {
        long[] sum = {0};
        replicas.forEach(
                replica -> sum[0] += replica.bytes() + replica.removals().bytes());
        return sum[0];
    }

    /** The visible entries of a topic. */
    public Entries<M> topic(String topic) {
        return visible.topic(topic);
    }

    /** The entries of an owner of this replica. */
    public List<Entry<M>> owned(long owner) {
        return OwnerEntries.list(owners.get(owner));
    }

    /** The entry of an owner of this replica with a topic and key; the last one if there are several. */
    public Optional<Entry<M>> find(long owner, String topic, String key) {
        List<Entry<M>> found = OwnerEntries.find(owners.get(owner), topic, key);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
    }

    /** Checks the replicas, and the indexes against them. Tests call it after each operation. */
    void checkInvariants() {
        Set<Entry<M>> shown = new HashSet<>();
        Set<Entry<M>> own = new HashSet<>();
        replicas.forEach(replica -> {
            replica.checkInvariants(replica.id().equals(self));
            if (replica.shown()) {
                replica.entries().forEach(shown::add);
            }
        });
        Invariant.check(replica(self).shown(), "a replica shows its own entries", self);
        List<Entry<M>> seen = new ArrayList<>();
        visible.forEach(seen::add);
        Invariant.check(
                seen.size() == shown.size() && visible.size() == seen.size() && shown.containsAll(seen),
                "the visible entries are those of the replicas that are shown",
                shown,
                seen,
                visible.size());
        seen.forEach(entry -> Invariant.check(
                visible.get(entry.topic(), entry.key()).contains(entry),
                "an entry is found by its topic and key",
                entry));
        replica(self).entries().forEach(own::add);
        List<Entry<M>> owned = new ArrayList<>();
        owners.forEach(each -> owned.addAll(OwnerEntries.list(each)));
        Invariant.check(
                owned.size() == own.size() && own.containsAll(owned), "each own entry has an owner", own, owned);
        own.forEach(entry -> Invariant.check(owned(entry.owner()).contains(entry), "an owner has its entries", entry));
    }

    Replica<M> replica(ReplicaId id) {
        Replica<M> known = replicas.get(id.incarnation());
        return known == null ? Replica.unknown(id) : known;
    }

    private @Nullable Entry<M> present(Entry<M> entry) {
        return entry.replica().equals(self) ? replica(self).entries().get(entry.counter()) : null;
    }

    private Transition<M> unchanged() {
        return new Transition<>(this, new Changes<>(List.of(), List.of()));
    }
}
