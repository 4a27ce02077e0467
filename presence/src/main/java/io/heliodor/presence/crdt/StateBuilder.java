package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The next state while an operation makes it: of one replica. It keeps the indexes together, and notes what came and went. */
final class StateBuilder<M> {
    private final State<M> before;
    private final boolean own;
    private Replica<M> replica;
    private Topics<M> visible;
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

    /** The entry must be new. */
    void take(Entry<M> entry) {
        replica = replica.plus(entry);
        if (replica.shown()) {
            appear(entry);
        }
        if (own) {
            owners = owners.put(OwnerEntries.plus(owners.get(entry.owner()), entry));
        }
    }

    /** The entry must be there. */
    void drop(Entry<M> entry) {
        replica = replica.minus(entry.counter());
        if (replica.shown()) {
            vanish(entry);
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

    private void vanish(Entry<M> entry) {
        visible = visible.minus(entry);
        leaves.add(entry);
    }

    void show(boolean shown) {
        if (replica.shown() != shown) {
            replica.entries().forEach(shown ? this::appear : this::vanish);
            replica = replica.shown(shown);
        }
    }

    void removed(long counter, long version) {
        replica = replica.removed(counter, version);
    }

    void at(long version) {
        replica = replica.at(version);
    }

    void copiedAt(long version) {
        replica = replica.copiedAt(version);
    }

    Transition<M> step() {
        return new Transition<>(before.with(replica, visible, owners), new Changes<>(joins, leaves));
    }

    /** The step that forgets the replica, which is hidden. */
    Transition<M> forgotten() {
        return new Transition<>(before.without(replica, visible, owners), new Changes<>(joins, leaves));
    }
}
