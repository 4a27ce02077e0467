package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Builds the next state when one replica changes. It keeps the indexes consistent, and collects the changes of visible entries. */
final class StateBuilder<M> {
    private final State<M> before;
    private final boolean own;
    private Replica<M> replica;
    private EntriesByTopic<M> visible;
    private RadixTree<OwnerEntries<M>> owners;
    private final List<Entry<M>> joins = new ArrayList<>();
    private final List<Entry<M>> leaves = new ArrayList<>();

    StateBuilder(State<M> before, ReplicaId id) {
        this.before = before;
        this.own = id.equals(before.self());
        this.replica = before.replica(id);
        this.visible = before.visible();
        this.owners = before.owners();
    }

    Replica<M> replica() {
        return replica;
    }

    /** Adds an entry, which must be new. */
    void add(Entry<M> entry) {
        replica = replica.plus(entry);
        if (replica.shown()) {
            appear(entry);
        }
        if (own) {
            owners = owners.put(OwnerEntries.plus(owners.get(entry.owner()), entry));
        }
    }

    /** Adds an entry of another node, which must be new. It shares its topic and replica with those that are present. */
    void addReceived(Entry<M> entry) {
        add(entry.sharing(replica.id(), visible.topics().canonical(entry.topic())));
    }

    /** Removes an entry, which must be present. */
    void remove(Entry<M> entry) {
        replica = replica.minus(entry);
        if (replica.shown()) {
            disappear(entry);
        }
        if (own) {
            OwnerEntries<M> left = OwnerEntries.minus(Objects.requireNonNull(owners.get(entry.owner())), entry);
            owners = left == null ? owners.remove(entry.owner()) : owners.put(left);
        }
    }

    private void appear(Entry<M> entry) {
        visible = visible.plus(entry);
        joins.add(entry);
    }

    private void disappear(Entry<M> entry) {
        visible = visible.minus(entry);
        leaves.add(entry);
    }

    void show(boolean shown) {
        if (replica.shown() != shown) {
            replica.entries().forEach(shown ? this::appear : this::disappear);
            replica = replica.shown(shown);
        }
    }

    void addRemoval(long counter, long version) {
        replica = replica.removed(counter, version);
    }

    void setVersion(long version) {
        replica = replica.at(version);
    }

    void setCopiedVersion(long version) {
        replica = replica.copiedAt(version);
    }

    Transition<M> build() {
        return transition(before.replicas().put(replica));
    }

    /** Builds a state without the replica, which must be hidden. */
    Transition<M> buildWithoutReplica() {
        return transition(before.replicas().remove(replica.incarnation()));
    }

    private Transition<M> transition(RadixTree<Replica<M>> replicas) {
        return new Transition<>(new State<>(before.self(), replicas, visible, owners), new Changes<>(joins, leaves));
    }
}
