package io.heliodor.presence.crdt;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Which dots have been seen: for each name its greatest known life, and the counters seen of it. A counter of an earlier
 * life counts as seen, because that life has ended. So does every counter of a life that ended without another: its
 * counters are all seen, which stays one range for ever.
 *
 * <p>Of two contexts the union is the least that has seen what either has: commutative, associative and idempotent.
 */
public final class CausalContext {
    private static final CausalContext EMPTY = new CausalContext(Trie.empty());

    private final Trie<Seen> names;

    private CausalContext(Trie<Seen> names) {
        this.names = names;
    }

    /** The counters seen of the current life of a name. */
    record Seen(long life, Ranges counters) {}

    /** Nothing has been seen. */
    public static CausalContext empty() {
        return EMPTY;
    }

    /** These and no others. */
    static CausalContext of(Collection<? extends Entry<?>> entries) {
        Map<ReplicaId, LongStream.Builder> counters = new HashMap<>();
        for (Entry<?> entry : entries) {
            counters.computeIfAbsent(entry.replica(), replica -> LongStream.builder())
                    .add(entry.counter());
        }
        CausalContext all = EMPTY;
        for (var one : counters.entrySet()) {
            Ranges ranges = Ranges.of(one.getValue().build().sorted().toArray());
            all = all.with(one.getKey().name(), new Seen(one.getKey().life(), ranges));
        }
        return all;
    }

    /** Whether nothing has been seen. */
    public boolean isEmpty() {
        return names.size() == 0;
    }

    /** Whether the dot has been seen, or is of a replica that has ended. */
    public boolean contains(Dot dot) {
        return contains(dot.replica(), dot.counter());
    }

    boolean contains(ReplicaId replica, long counter) {
        Seen seen = names.get(replica.name());
        return seen != null
                && (seen.life > replica.life() || (seen.life == replica.life() && seen.counters.contains(counter)));
    }

    /** Whether nothing of the replica will ever be new: it was ended, or a later life of its name is known. */
    public boolean ended(ReplicaId replica) {
        Seen seen = names.get(replica.name());
        return seen != null && (seen.life > replica.life() || (seen.life == replica.life() && seen.counters.isAll()));
    }

    /** This context and one dot more. */
    public CausalContext with(Dot dot) {
        return with(dot.replica().name(), new Seen(dot.replica().life(), Ranges.of(dot.counter(), dot.counter())));
    }

    /** This context, knowing of a replica: earlier lives of its name have ended. */
    public CausalContext knowing(ReplicaId replica) {
        return with(replica.name(), new Seen(replica.life(), Ranges.NONE));
    }

    /** This context with all of a replica seen, for ever. */
    public CausalContext ending(ReplicaId replica) {
        return with(replica.name(), new Seen(replica.life(), Ranges.ALL));
    }

    /** What either has seen; this very context when the other adds nothing. */
    public CausalContext union(CausalContext other) {
        CausalContext all = this;
        for (var one : other.names.entries()) {
            all = all.with(one.getKey(), one.getValue());
        }
        return all;
    }

    /** What this one has seen and the other has not, a newer life without any counter included. */
    public CausalContext minus(CausalContext other) {
        CausalContext left = EMPTY;
        for (var one : names.entries()) {
            Seen mine = one.getValue();
            Seen theirs = other.names.get(one.getKey());
            if (theirs == null || theirs.life < mine.life) {
                left = left.with(one.getKey(), mine);
            } else if (theirs.life == mine.life) {
                // An end is told as a whole: what they have seen of that replica goes too.
                Ranges counters = mine.counters.isAll() && !theirs.counters.isAll()
                        ? Ranges.ALL
                        : mine.counters.minus(theirs.counters);
                if (!counters.isEmpty()) {
                    left = left.with(one.getKey(), new Seen(mine.life, counters));
                }
            }
        }
        return left;
    }

    /** What both have seen. */
    CausalContext intersection(CausalContext other) {
        CausalContext both = EMPTY;
        for (var one : names.entries()) {
            Seen mine = one.getValue();
            Seen theirs = other.names.get(one.getKey());
            if (theirs != null) {
                // All of a lesser life counts as seen by who knows of a greater one.
                both = both.with(
                        one.getKey(),
                        mine.life < theirs.life
                                ? mine
                                : mine.life > theirs.life
                                        ? theirs
                                        : new Seen(mine.life, mine.counters.intersection(theirs.counters)));
            }
        }
        return both;
    }

    /** The greatest known life of a name. */
    @Nullable
    ReplicaId replica(String name) {
        Seen seen = names.get(name);
        return seen == null ? null : new ReplicaId(name, seen.life);
    }

    /** How many ranges of counters it takes to say all this. */
    int ranges() {
        int count = 0;
        for (Seen seen : names) {
            count += seen.counters.count();
        }
        return count;
    }

    /** The greatest counter seen of a replica, 0 if none. */
    long greatest(ReplicaId replica) {
        Seen seen = names.get(replica.name());
        return seen == null || seen.life != replica.life() ? 0 : seen.counters.greatest();
    }

    void forEach(BiConsumer<ReplicaId, Ranges> visitor) {
        names.forEach((name, seen) -> visitor.accept(new ReplicaId(name, seen.life), seen.counters));
    }

    CausalContext with(ReplicaId replica, Ranges counters) {
        return with(replica.name(), new Seen(replica.life(), counters));
    }

    @SuppressWarnings("ReferenceEquality") // what did not change is the same object
    private CausalContext with(String name, Seen added) {
        Seen present = names.get(name);
        if (present == null || present.life < added.life) {
            return new CausalContext(names.put(name, added));
        }
        if (present.life > added.life) {
            return this;
        }
        Ranges union = present.counters.union(added.counters);
        return union == present.counters ? this : new CausalContext(names.put(name, new Seen(added.life, union)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CausalContext context
                && names.size() == context.names.size()
                && minus(context).isEmpty()
                && context.minus(this).isEmpty();
    }

    @Override
    public int hashCode() {
        int sum = 0;
        for (var one : names.entries()) {
            sum += one.hashCode();
        }
        return sum;
    }

    @Override
    public String toString() {
        return names.entries().toString();
    }
}
