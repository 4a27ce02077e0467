package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The registrations of this node, in the order in which they were made. A process has one for each key. */
final class Registrations {
    private record Claimant(Key key, long process) {}

    private final Map<Long, Registration> byNumber = new LinkedHashMap<>();
    private final Map<Claimant, Registration> byClaimant = new HashMap<>();
    private final Map<Long, Set<Registration>> byProcess = new HashMap<>();
    private long numbers;

    Collection<Registration> all() {
        return byNumber.values();
    }

    int size() {
        return byNumber.size();
    }

    @Nullable
    Registration find(long number) {
        return byNumber.get(number);
    }

    @Nullable
    Registration find(Key key, long process) {
        return byClaimant.get(new Claimant(key, process));
    }

    List<Registration> of(long process) {
        return byProcess.getOrDefault(process, Set.of()).stream()
                .sorted(Comparator.comparingLong((Registration registration) -> registration.number))
                .toList();
    }

    /** The registration of a process for a key; a new one if there is none. */
    Registration make(Key key, long process) {
        return byClaimant.computeIfAbsent(new Claimant(key, process), _ -> {
            var made = new Registration(++numbers, key, process);
            byNumber.put(made.number, made);
            byProcess.computeIfAbsent(process, _ -> new HashSet<>()).add(made);
            return made;
        });
    }

    /** Checks that the three indexes have the same registrations. */
    void checkInvariants() {
        byNumber.forEach((number, registration) -> {
            Invariant.check(
                    number == registration.number && number <= numbers, "a number is that of its registration", number);
            Invariant.check(
                    find(registration.key, registration.process) == registration
                            && byProcess
                                    .getOrDefault(registration.process, Set.of())
                                    .contains(registration),
                    "each index has the registration",
                    number,
                    registration.key);
        });
        Invariant.check(
                byClaimant.size() == byNumber.size()
                        && byProcess.values().stream().mapToInt(Set::size).sum() == byNumber.size()
                        && byProcess.values().stream().noneMatch(Set::isEmpty),
                "no index has another registration",
                byNumber.keySet(),
                byClaimant.keySet(),
                byProcess.keySet());
    }

    void forget(Registration registration) {
        byNumber.remove(registration.number);
        byClaimant.remove(new Claimant(registration.key, registration.process));
        Set<Registration> others = byProcess.get(registration.process);
        if (others != null && others.remove(registration) && others.isEmpty()) {
            byProcess.remove(registration.process);
        }
    }
}
