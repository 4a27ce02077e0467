package io.heliodor.protocol;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All that processes of this node wish for, in the order in which they said so. A process wishes for a thing once. */
final class Wishes {
    private record Claimant(Key key, long process) {}

    private final Map<Long, Wish> byNumber = new LinkedHashMap<>();
    private final Map<Claimant, Wish> byClaimant = new HashMap<>();
    private final Map<Long, Set<Wish>> byProcess = new HashMap<>();
    private long numbers;

    Collection<Wish> all() {
        return byNumber.values();
    }

    int size() {
        return byNumber.size();
    }

    @Nullable
    Wish find(long number) {
        return byNumber.get(number);
    }

    @Nullable
    Wish find(Key key, long process) {
        return byClaimant.get(new Claimant(key, process));
    }

    List<Wish> of(long process) {
        return byProcess.getOrDefault(process, Set.of()).stream()
                .sorted(Comparator.comparingLong((Wish wish) -> wish.number))
                .toList();
    }

    /** The wish that there is, or a new one. */
    Wish make(Key key, long process) {
        return byClaimant.computeIfAbsent(new Claimant(key, process), _ -> {
            var made = new Wish(++numbers, key, process);
            byNumber.put(made.number, made);
            byProcess.computeIfAbsent(process, _ -> new HashSet<>()).add(made);
            return made;
        });
    }

    void forget(Wish wish) {
        byNumber.remove(wish.number);
        byClaimant.remove(new Claimant(wish.key, wish.process));
        Set<Wish> others = byProcess.get(wish.process);
        if (others != null && others.remove(wish) && others.isEmpty()) {
            byProcess.remove(wish.process);
        }
    }
}
