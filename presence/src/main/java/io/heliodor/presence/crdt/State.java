package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is present, as one replica knows it: an add-wins observed-remove set with delta states (Almeida, Shoker and
 * Baquero: <i>Delta state replicated data types</i>; Bieniusa and others: <i>An optimized conflict-free replicated
 * set</i>), and how its entries are found.
 *
 * <p>Immutable: every operation returns a {@link Step} with the next state, and may be called by any thread. A change
 * costs a few hundred bytes and the logarithm of what is present for each entry that it touches. Merging is commutative,
 * associative and idempotent: replicas that were told the same are in the same state, in whatever order and however often
 * they were told.
 *
 * <p>Reads do not see the entries of replicas that are down.
 *
 * @param <M> type of what is said about an entry
 */
public final class State<M> {
    private final ReplicaId self;
    private final CausalContext context;
    private final Trie<Replica<M>> replicas;
    private final Topics<M> visible;
    private final Radix<OfOwner<M>> owners;

    State(
            ReplicaId self,
            CausalContext context,
            Trie<Replica<M>> replicas,
            Topics<M> visible,
            Radix<OfOwner<M>> owners) {
        this.self = self;
        this.context = context;
        this.replicas = replicas;
        this.visible = visible;
        this.owners = owners;
    }

    /** The state of a replica that knows of itself only, and of the end of its earlier lives. */
    public static <M> State<M> of(ReplicaId self) {
        return new State<>(self, CausalContext.empty().knowing(self), Trie.empty(), Topics.none(), Radix.byOwner());
    }

    /** Whose state this is. */
    public ReplicaId self() {
        return self;
    }

    /** Which dots this replica has seen. */
    public CausalContext context() {
        return context;
    }

    /**
     * Adds an entry of this replica. The same owner, topic and key may be added again; it is another entry.
     *
     * @throws IllegalStateException if this replica has ended
     */
    public Step<M> add(String topic, String key, long owner, M meta) {
        // One text for each topic: those that come from clients are all different objects.
        var entry = new Entry<>(next(), visible.topics().present(topic), key, owner, meta, null);
        return local(List.of(), entry);
    }

    /**
     * Removes an entry of this replica and adds one with another meta in its place, in one delta.
     *
     * @throws IllegalArgumentException if the entry is not present, or of another replica
     * @throws IllegalStateException if this replica has ended
     */
    public Step<M> replace(Entry<M> old, M meta) {
        Entry<M> present = present(old);
        if (present == null || !old.replica().equals(self)) {
            throw new IllegalArgumentException(
                    "%s can only replace what it added and what is still present, not: %s".formatted(self, old));
        }
        var entry = new Entry<>(next(), present.topic(), present.key(), present.owner(), meta, present.dot());
        return local(List.of(present), entry);
    }

    /** Removes entries, of whatever replica; those that are not present any more are passed over. */
    public Step<M> remove(List<Entry<M>> entries) {
        Draft<M> draft = new Draft<>(this);
        Set<Entry<M>> gone = new HashSet<>();
        for (Entry<M> entry : entries) {
            Entry<M> present = present(entry);
            if (present != null && gone.add(present)) {
                draft.drop(present);
            }
        }
        return draft.step(new Delta<>(List.of(), CausalContext.of(gone)));
    }

    /** Removes everything of one owner of this replica. */
    public Step<M> removeOwner(long owner) {
        return remove(owned(owner));
    }

    /** Removes everything of some owners of this replica, in one delta. */
    public Step<M> removeOwners(Collection<Long> owners) {
        List<Entry<M>> entries = new ArrayList<>(owners.size());
        owners.forEach(owner -> entries.addAll(owned(owner)));
        return remove(entries);
    }

    /**
     * Takes what another replica says: its entries that this one has not seen, and the removal of those that the other
     * has seen and does not have. The delta of the step is the one given, or an empty one if nothing in it was new.
     */
    public Step<M> merge(Delta<M> delta) {
        Draft<M> draft = new Draft<>(this);
        Set<Entry<M>> present = new HashSet<>(delta.entries());
        List<Entry<M>> gone = new ArrayList<>();
        delta.context().forEach((replica, counters) -> {
            if (context.ended(replica)) {
                return;
            }
            draft.learn(replica);
            if (counters.isAll()) {
                draft.end(replica);
                return;
            }
            Replica<M> known = replicas.get(replica.name());
            if (known != null && known.id().equals(replica)) {
                for (int range = 0; range < counters.count(); range++) {
                    known.entries().forEach(counters.first(range), counters.last(range), entry -> {
                        if (!present.contains(entry)) {
                            gone.add(entry);
                        }
                    });
                }
            }
        });
        gone.forEach(draft::drop);
        for (Entry<M> entry : delta.entries()) {
            // Removed from the set, so that an entry which is there twice is taken once.
            if (!draft.context().contains(entry.replica(), entry.counter()) && present.remove(entry)) {
                draft.take(entry);
            }
        }
        draft.saw(delta.context());
        return draft.step(delta);
    }

    /**
     * Hides a replica: its entries leave, and come back when it is up.
     *
     * @throws IllegalArgumentException if it is this very replica
     */
    public Step<M> down(ReplicaId replica) {
        if (replica.equals(self)) {
            throw new IllegalArgumentException(
                    "A replica cannot take itself for down, but %s was told so".formatted(self));
        }
        return shown(replica, false);
    }

    /** Shows a replica again. */
    public Step<M> up(ReplicaId replica) {
        return shown(replica, true);
    }

    /** Forgets a replica for good: its entries leave, and nothing of it returns, whoever sends it. */
    public Step<M> end(ReplicaId replica) {
        if (context.ended(replica)) {
            return unchanged();
        }
        Draft<M> draft = new Draft<>(this);
        draft.learn(replica);
        draft.end(replica);
        return draft.step(new Delta<>(List.of(), CausalContext.empty().ending(replica)));
    }

    /** Everything that this replica knows. */
    public Delta<M> full() {
        return about(context);
    }

    /**
     * Everything about the dots that they have not seen. That a dot which they have seen was removed since is not among
     * it, because a context does not tell who knows of a removal: whoever may have lost a delta asks for
     * {@link #about(CausalContext) what has become} of the dots that it has.
     */
    public Delta<M> missing(CausalContext theirs) {
        return about(context.minus(theirs));
    }

    /** The same in pages, as {@link #about(CausalContext, int)} cuts them. */
    public List<Delta<M>> missing(CausalContext theirs, int mostEntries) {
        return about(context.minus(theirs), mostEntries);
    }

    /** What this replica knows about some dots: those that it has not seen are left out. */
    public Delta<M> about(CausalContext dots) {
        List<Delta<M>> pages = about(dots, Integer.MAX_VALUE);
        return pages.isEmpty() ? Delta.nothing() : pages.getFirst();
    }

    /**
     * The same in pages of at most so many entries, and of at most so many ranges of dots. Each can be merged for
     * itself, in any order.
     *
     * @throws IllegalArgumentException if not even one entry is allowed
     */
    public List<Delta<M>> about(CausalContext dots, int mostEntries) {
        return Pages.of(this, context.intersection(dots), mostEntries);
    }

    /** How many topics have entries. */
    public int topics() {
        return visible.topics().size();
    }

    /** How many entries there are. */
    public int size() {
        return visible.size();
    }

    /** Who is on a topic. */
    public Entries<M> topic(String topic) {
        return visible.topic(topic);
    }

    /** The entries of an owner of this replica. */
    public List<Entry<M>> owned(long owner) {
        return OfOwner.list(owners.get(owner));
    }

    /** How many entries an owner of this replica has. */
    public int sizeOf(long owner) {
        return OfOwner.size(owners.get(owner));
    }

    /** The entry of an owner of this replica under a topic and key; the last one if it was added repeatedly. */
    public Optional<Entry<M>> find(long owner, String topic, String key) {
        List<Entry<M>> found = OfOwner.find(owners.get(owner), topic, key);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
    }

    Trie<Replica<M>> replicas() {
        return replicas;
    }

    Topics<M> visible() {
        return visible;
    }

    Radix<OfOwner<M>> owners() {
        return owners;
    }

    private Dot next() {
        if (context.ended(self)) {
            throw new IllegalStateException(
                    "%s has ended, so it adds nothing any more. Go on as a replica with a greater life."
                            .formatted(self));
        }
        return new Dot(self, context.greatest(self) + 1);
    }

    private Step<M> local(List<Entry<M>> removed, Entry<M> added) {
        Draft<M> draft = new Draft<>(this);
        removed.forEach(draft::drop);
        draft.take(added);
        CausalContext dots = CausalContext.of(removed).with(added.dot());
        draft.saw(dots);
        return draft.step(new Delta<>(List.of(added), dots));
    }

    private Step<M> shown(ReplicaId replica, boolean shown) {
        if (context.ended(replica)) {
            return unchanged();
        }
        Draft<M> draft = new Draft<>(this);
        draft.learn(replica);
        draft.down(replica, !shown);
        // Empty unless the life was unknown.
        CausalContext news = CausalContext.empty().knowing(replica).minus(context);
        return draft.step(new Delta<>(List.of(), news));
    }

    private @Nullable Entry<M> present(Entry<M> entry) {
        Replica<M> replica = replicas.get(entry.replica().name());
        return replica == null || !replica.id().equals(entry.replica())
                ? null
                : replica.entries().get(entry.counter());
    }

    Step<M> unchanged() {
        return new Step<>(this, Delta.nothing(), new Changes<>(List.of(), List.of()));
    }
}
