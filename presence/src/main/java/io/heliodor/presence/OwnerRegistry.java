package io.heliodor.presence;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The owners of presences, from their first {@code track} to their end. Removes the presences of an owner that ends: at once, or
 * after its {@link Grace}. Any thread may use it; no method blocks.
 */
final class OwnerRegistry<M> {
    private final List<Shard<M>> shards;
    private final Optional<Grace> grace;
    private final ConcurrentHashMap<Identity, OwnerRegistration> owners = new ConcurrentHashMap<>();
    private final AtomicLong lastNumber = new AtomicLong();

    /** An owner as a key: equal to itself only. */
    private record Identity(PresenceOwner owner) {
        @Override
        @SuppressWarnings("ReferenceEquality") // two owners are the same if they are the same object
        public boolean equals(@Nullable Object other) {
            return other instanceof Identity(PresenceOwner theirs) && theirs == owner;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(owner);
        }
    }

    OwnerRegistry(List<Shard<M>> shards, Optional<Grace> grace) {
        this.shards = shards;
        this.grace = grace;
    }

    /** Registers an owner, unless it is registered, and subscribes a shard to its end. */
    OwnerRegistration register(PresenceOwner owner, Shard<M> shard) {
        OwnerRegistration registration = owners.computeIfAbsent(
                new Identity(owner), _ -> new OwnerRegistration(owner, lastNumber.incrementAndGet()));
        // Before watchEnd: an end reported from now on reaches the shard. The shard's next step sees an earlier one.
        registration.addShard(shard.number());
        registration.watchEnd(this::ended);
        return registration;
    }

    Optional<OwnerRegistration> find(PresenceOwner owner) {
        return Optional.ofNullable(owners.get(new Identity(owner)));
    }

    /** Runs an action for each shard in which an owner may have presences. */
    void forEachShard(OwnerRegistration owner, Consumer<Shard<M>> action) {
        long bits = owner.shards();
        for (Shard<M> shard : shards) {
            if (shard.isIn(bits)) {
                action.accept(shard);
            }
        }
    }

    /** Called by event loops, too. */
    private void ended(OwnerRegistration owner) {
        boolean _ = owners.remove(new Identity(owner.owner()), owner);
        if (grace.isEmpty()
                || !owner.isLost()
                || !grace.get().admit(owner, lost -> removeRepeated(lost, owner), () -> remove(owner))) {
            remove(owner);
        }
    }

    private void remove(OwnerRegistration owner) {
        forEachShard(owner, shard -> shard.ended(owner));
    }

    /** Removes the presences of a lost owner whose keys other owners have as well. */
    private void removeRepeated(Grace lost, OwnerRegistration owner) {
        forEachShard(owner, shard -> shard.change(state -> state.remove(lost.repeated(state, owner))));
    }

    int size() {
        return owners.size();
    }
}
