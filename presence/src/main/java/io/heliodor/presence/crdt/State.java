package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The presences that one replica knows, and how they are found: an add-wins observed-remove set with delta states
 * (Almeida, Shoker and Baquero: <i>Delta state replicated data types</i>; Bieniusa and others: <i>An optimized conflict-free
 * replicated set</i>).
 *
 * <p>Each replica writes its own entries and no others, and numbers what it does: an addition and a removal raise its
 * <i>version</i> by one each, and the version of an addition is the counter of its entry. So what is known of a replica is
 * known up to a version. The causal context of the set is the versions of all replicas, and of two copies the one of the
 * greater version has merged the other.
 *
 * <p>Immutable: every operation returns a {@link Transition} with the next state, and may be called by any thread. A change costs a
 * few hundred bytes and the logarithm of what is present for each entry that it touches.
 *
 * <p>Readers see the entries of replicas that are shown. This one is always, others from a call of {@link
 * #show} on.
 *
 * @param <M> type of what is said about an entry
 */
public final class State<M> {
    private final ReplicaId self;
    private final RadixTree<Replica<M>> replicas;
    private final Topics<M> visible;
    private final RadixTree<OwnerEntries<M>> owners;

    private State(
            ReplicaId self, RadixTree<Replica<M>> replicas, Topics<M> visible, RadixTree<OwnerEntries<M>> owners) {
        this.self = self;
        this.replicas = replicas;
        this.visible = visible;
        this.owners = owners;
    }

    /** The state of a replica that knows of itself only. */
    public static <M> State<M> of(ReplicaId self) {
        return of(self, 0);
    }

    /**
     * The same for a replica that begins anew.
     *
     * @param self whose state this is
     * @param version greater than each version that it had before
     */
    public static <M> State<M> of(ReplicaId self, long version) {
        Replica<M> own = Replica.<M>unknown(self).copiedAt(version).shown(true);
        return new State<>(self, RadixTree.<M>byIncarnation().put(own), Topics.none(), RadixTree.byOwner());
    }

    /** Whose state this is. */
    public ReplicaId self() {
        return self;
    }

    /** The replicas that it knows, this one included. */
    public List<ReplicaId> replicas() {
        List<ReplicaId> all = new ArrayList<>(replicas.size());
        replicas.forEach(replica -> all.add(replica.id()));
        return all;
    }

    /** Up to which version it knows a replica; 0 for nothing. */
    public long version(ReplicaId of) {
        return replica(of).version();
    }

    /**
     * Adds an entry of this replica. The same owner, topic and key may be added again; it is another entry.
     */
    public Transition<M> add(String topic, String key, long owner, M meta) {
        StateBuilder<M> draft = new StateBuilder<>(this, self);
        // One text for each topic: those that come from clients are all different objects.
        add(draft, visible.topics().present(topic), key, owner, meta, null);
        return draft.step();
    }

    private void add(StateBuilder<M> draft, String topic, String key, long owner, M meta, @Nullable Dot previous) {
        long counter = draft.replica().version() + 1;
        draft.take(new Entry<>(new Dot(self, counter), topic, key, owner, meta, previous));
        draft.at(counter);
    }

    private void drop(StateBuilder<M> draft, Entry<M> entry) {
        long version = draft.replica().version() + 1;
        draft.drop(entry);
        draft.removed(entry.counter(), version);
        draft.at(version);
    }

    /**
     * Removes an entry of this replica and adds one with another meta in its place, in one step.
     *
     * @throws IllegalArgumentException if the entry is not present, or of another replica
     */
    public Transition<M> replace(Entry<M> old, M meta) {
        Entry<M> present = present(old);
        if (present == null) {
            throw new IllegalArgumentException(
                    "%s can only replace what it added and what is still present, not: %s".formatted(self, old));
        }
        StateBuilder<M> draft = new StateBuilder<>(this, self);
        drop(draft, present);
        add(draft, present.topic(), present.key(), present.owner(), meta, present.dot());
        return draft.step();
    }

    /** Removes entries of this replica; those that are not present any more, or of another replica, are passed over. */
    public Transition<M> remove(List<Entry<M>> entries) {
        StateBuilder<M> draft = new StateBuilder<>(this, self);
        Set<Entry<M>> gone = new HashSet<>();
        for (Entry<M> entry : entries) {
            Entry<M> present = present(entry);
            if (present != null && gone.add(present)) {
                drop(draft, present);
            }
        }
        return gone.isEmpty() ? unchanged() : draft.step();
    }

    /** Removes everything of this replica. */
    public Transition<M> removeAll() {
        List<Entry<M>> own = new ArrayList<>();
        replica(self).entries().forEach(own::add);
        return remove(own);
    }

    /** Removes everything of one owner of this replica. */
    public Transition<M> removeOwner(long owner) {
        return remove(owned(owner));
    }

    /** Removes everything of some owners of this replica, in one step. */
    public Transition<M> removeOwners(Collection<Long> owners) {
        List<Entry<M>> entries = new ArrayList<>(owners.size());
        owners.forEach(owner -> entries.addAll(owned(owner)));
        return remove(entries);
    }

    /** Whether this state lacks something that a delta does not bring: its replica must be asked for it. */
    public boolean hasGap(Delta<M> delta) {
        return version(delta.replica()) < delta.from();
    }

    /**
     * Takes what another replica did. A delta that is known already changes nothing, and neither does one with a {@linkplain
     * #hasGap gap}.
     */
    public Transition<M> merge(Delta<M> delta) {
        long known = version(delta.replica());
        if (delta.to() <= known || delta.from() > known || delta.replica().equals(self)) {
            return unchanged();
        }
        StateBuilder<M> draft = new StateBuilder<>(this, delta.replica());
        for (long counter : delta.removed()) {
            Entry<M> present = draft.replica().entries().get(counter);
            if (present != null) {
                draft.drop(present);
            }
            // Also what a page did not have any more: others may ask this replica for what was removed.
            draft.removed(counter, delta.to());
        }
        for (Entry<M> entry : delta.added()) {
            // Up to the version all is known: what is not there was removed.
            if (entry.counter() > known && draft.replica().entries().get(entry.counter()) == null) {
                draft.take(entry);
            }
        }
        draft.at(delta.to());
        return draft.step();
    }

    /**
     * Takes a copy of a replica in the place of what is known of it, unless this state knows as much.
     *
     * @param replica of which replica
     * @param version up to which version the copy is complete: that of its first page
     * @param last the version of its last page
     * @param entries those of all pages, by counter
     */
    public Transition<M> copy(ReplicaId replica, long version, long last, List<Entry<M>> entries) {
        if (version <= version(replica) || replica.equals(self)) {
            return unchanged();
        }
        StateBuilder<M> draft = new StateBuilder<>(this, replica);
        Set<Entry<M>> present = new HashSet<>(entries);
        List<Entry<M>> gone = new ArrayList<>();
        draft.replica().entries().forEach(0, last, entry -> {
            if (!present.contains(entry)) {
                gone.add(entry);
            }
        });
        gone.forEach(draft::drop);
        for (Entry<M> entry : entries) {
            if (draft.replica().entries().get(entry.counter()) == null) {
                draft.take(entry);
            }
        }
        draft.copiedAt(version);
        return draft.step();
    }

    /** The changes of a replica after a version; empty if some are not known any more, and only pages help. */
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
     * A page of the copy of a replica.
     *
     * @param id of which replica
     * @param after it begins after this counter, which is below the version; 0 for the first page
     * @param most the most entries that it may have
     */
    public Page<M> page(ReplicaId id, long after, int most) {
        Replica<M> replica = replica(id);
        List<Entry<M>> entries = new ArrayList<>();
        // Entries of later counters came with pages, and may be removed already.
        replica.entries().first(after + 1, replica.version(), most, entries::add);
        long last =
                entries.size() < most ? replica.version() : entries.getLast().counter();
        return new Page<>(id, replica.version(), after, last, entries);
    }

    /** Shows the entries of a replica to readers. */
    public Transition<M> show(ReplicaId replica) {
        return shown(replica, true);
    }

    /**
     * Hides the entries of a replica from readers.
     *
     * @throws IllegalArgumentException if it is this very replica
     */
    public Transition<M> hide(ReplicaId replica) {
        checkOther(replica);
        return shown(replica, false);
    }

    private Transition<M> shown(ReplicaId replica, boolean shown) {
        if (replica(replica).shown() == shown) {
            return unchanged();
        }
        StateBuilder<M> draft = new StateBuilder<>(this, replica);
        draft.show(shown);
        return draft.step();
    }

    /**
     * Forgets what is known of a replica.
     *
     * @throws IllegalArgumentException if it is this very replica
     */
    public Transition<M> forget(ReplicaId replica) {
        checkOther(replica);
        if (replicas.get(replica.incarnation()) == null) {
            return unchanged();
        }
        StateBuilder<M> draft = new StateBuilder<>(this, replica);
        draft.show(false);
        return draft.forgotten();
    }

    private void checkOther(ReplicaId replica) {
        if (replica.equals(self)) {
            throw new IllegalArgumentException("A replica neither hides nor forgets itself, as " + self + " should");
        }
    }

    /** How many topics have entries that are shown. */
    public int topics() {
        return visible.topics().size();
    }

    /** How many entries are shown. */
    public int size() {
        return visible.size();
    }

    /** Who is on a topic. */
    public Entries<M> topic(String topic) {
        return visible.topic(topic);
    }

    /** The entries of an owner of this replica. */
    public List<Entry<M>> owned(long owner) {
        return OwnerEntries.list(owners.get(owner));
    }

    /** How many entries an owner of this replica has. */
    public int sizeOf(long owner) {
        return OwnerEntries.size(owners.get(owner));
    }

    /** The entry of an owner of this replica under a topic and key; the last one if it was added repeatedly. */
    public Optional<Entry<M>> find(long owner, String topic, String key) {
        List<Entry<M>> found = OwnerEntries.find(owners.get(owner), topic, key);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
    }

    Replica<M> replica(ReplicaId id) {
        Replica<M> known = replicas.get(id.incarnation());
        return known == null ? Replica.unknown(id) : known;
    }

    Topics<M> visible() {
        return visible;
    }

    RadixTree<OwnerEntries<M>> owners() {
        return owners;
    }

    State<M> with(Replica<M> replica, Topics<M> nextVisible, RadixTree<OwnerEntries<M>> nextOwners) {
        return new State<>(self, replicas.put(replica), nextVisible, nextOwners);
    }

    State<M> without(Replica<M> replica, Topics<M> nextVisible, RadixTree<OwnerEntries<M>> nextOwners) {
        return new State<>(self, replicas.remove(replica.incarnation()), nextVisible, nextOwners);
    }

    private @Nullable Entry<M> present(Entry<M> entry) {
        return entry.replica().equals(self) ? replica(self).entries().get(entry.counter()) : null;
    }

    private Transition<M> unchanged() {
        return new Transition<>(this, new Changes<>(List.of(), List.of()));
    }
}
