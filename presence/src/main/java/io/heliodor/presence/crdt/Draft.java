package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The next state while an operation makes it. It keeps the indexes together, and notes what came and went. */
final class Draft<M> {
    private final State<M> before;
    private CausalContext context;
    private Trie<Replica<M>> replicas;
    private Topics<M> visible;
    private Radix<OfOwner<M>> owners;
    private final List<Entry<M>> joins = new ArrayList<>();
    private final List<Entry<M>> leaves = new ArrayList<>();

    Draft(State<M> before) {
        this.before = before;
        this.context = before.context();
        this.replicas = before.replicas();
        this.visible = before.visible();
        this.owners = before.owners();
    }

    CausalContext context() {
        return context;
    }

    /** The entry must be new. */
    void take(Entry<M> entry) {
        Replica<M> replica = replica(entry.replica());
        keep(new Replica<>(replica.id(), replica.down(), replica.entries().put(entry)));
        if (!replica.down()) {
            visible = visible.plus(entry);
            joins.add(entry);
        }
        if (entry.replica().equals(before.self())) {
            owners = owners.put(OfOwner.plus(owners.get(entry.owner()), entry));
        }
    }

    /** The entry must be there. */
    void drop(Entry<M> entry) {
        Replica<M> replica = replica(entry.replica());
        keep(new Replica<>(replica.id(), replica.down(), replica.entries().remove(entry.counter())));
        if (!replica.down()) {
            visible = visible.minus(entry);
            leaves.add(entry);
        }
        if (entry.replica().equals(before.self())) {
            OfOwner<M> left = OfOwner.minus(Objects.requireNonNull(owners.get(entry.owner())), entry);
            owners = left == null ? owners.remove(entry.owner()) : owners.put(left);
        }
    }

    /** Hides the replica or shows it again. */
    void down(ReplicaId id, boolean down) {
        Replica<M> replica = replica(id);
        if (replica.down() == down) {
            return;
        }
        replica.entries().forEach(entry -> {
            visible = down ? visible.minus(entry) : visible.plus(entry);
            (down ? leaves : joins).add(entry);
        });
        keep(new Replica<>(id, down, replica.entries()));
    }

    /** Earlier lives of the name have ended with this. */
    void learn(ReplicaId id) {
        ReplicaId known = context.replica(id.name());
        if (known != null && known.life() < id.life()) {
            forget(known);
        }
        context = context.knowing(id);
    }

    void end(ReplicaId id) {
        forget(id);
        context = context.ending(id);
    }

    void saw(CausalContext more) {
        context = context.union(more);
    }

    /** The very state before, and an empty delta, when nothing changed. */
    @SuppressWarnings("ReferenceEquality") // what did not change is the same object, and comparing would cost
    Step<M> step(Delta<M> delta) {
        if (context == before.context() && replicas == before.replicas()) {
            return before.unchanged();
        }
        return new Step<>(
                new State<>(before.self(), context, replicas, visible, owners), delta, new Changes<>(joins, leaves));
    }

    private void forget(ReplicaId id) {
        replica(id).entries().forEach(this::drop);
        replicas = replicas.remove(id.name());
    }

    private Replica<M> replica(ReplicaId id) {
        Replica<M> present = replicas.get(id.name());
        return present == null ? new Replica<>(id, false, Radix.byCounter()) : present;
    }

    private void keep(Replica<M> replica) {
        boolean worth = replica.down() || replica.entries().size() > 0;
        replicas = worth
                ? replicas.put(replica.id().name(), replica)
                : replicas.remove(replica.id().name());
    }
}
