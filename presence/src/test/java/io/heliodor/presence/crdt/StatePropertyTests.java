package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Properties of histories of replicas whose messages are late, lost, repeated and reordered. */
class StatePropertyTests {
    /** Some replicas, and the entries of each at each of its versions. */
    private static final class Replicas {
        private final List<State<String>> states = new ArrayList<>();
        private final List<List<Set<Dot>>> past = new ArrayList<>();
        private final List<Delta<String>> sent = new ArrayList<>();
        private final Random random;
        private long owners;

        Replicas(int count, long seed) {
            random = new Random(seed);
            for (int i = 0; i < count; i++) {
                State<String> state = State.of(id(i));
                for (int other = 0; other < count; other++) {
                    state = state.show(id(other)).state();
                }
                states.add(state);
                past.add(new ArrayList<>(List.of(Set.of())));
            }
        }

        static ReplicaId id(int replica) {
            return new ReplicaId("node " + replica, 100 + replica);
        }

        static Set<Dot> dots(State<String> state, int of) {
            Set<Dot> dots = new HashSet<>();
            state.replica(id(of)).entries().forEach(entry -> dots.add(entry.dot()));
            return dots;
        }

        void step() {
            int at = random.nextInt(states.size());
            State<String> state = states.get(at);
            switch (random.nextInt(8)) {
                case 0, 1, 2 ->
                    change(
                            at,
                            state.add("room " + random.nextInt(3), "user " + random.nextInt(5), ++owners, "meta")
                                    .state());
                case 3 -> {
                    List<Entry<String>> own = own(at);
                    if (!own.isEmpty()) {
                        change(
                                at,
                                state.remove(List.of(own.get(random.nextInt(own.size()))))
                                        .state());
                    }
                }
                case 4 -> {
                    List<Entry<String>> own = own(at);
                    if (!own.isEmpty()) {
                        change(
                                at,
                                state.replace(own.get(random.nextInt(own.size())), "changed")
                                        .state());
                    }
                }
                case 5 -> {
                    if (!sent.isEmpty()) {
                        take(at, sent.get(random.nextInt(sent.size())));
                    }
                }
                case 6 -> request(at, random.nextInt(states.size()), random.nextInt(states.size()), false);
                default -> request(at, random.nextInt(states.size()), random.nextInt(states.size()), true);
            }
        }

        private List<Entry<String>> own(int at) {
            List<Entry<String>> own = new ArrayList<>();
            states.get(at).replica(id(at)).entries().forEach(own::add);
            return own;
        }

        private void set(int at, State<String> next) {
            assertThatNoException().isThrownBy(next::checkInvariants);
            states.set(at, next);
        }

        private void change(int at, State<String> next) {
            State<String> before = states.get(at);
            long from = before.version(id(at));
            set(at, next);
            while (past.get(at).size() <= next.version(id(at))) {
                // Versions within one step are never seen.
                past.get(at).add(dots(next, at));
            }
            sent.add(next.since(id(at), random.nextBoolean() ? from : Math.max(0, from - random.nextInt(3)))
                    .orElseThrow());
        }

        private void take(int at, Delta<String> delta) {
            State<String> before = states.get(at);
            State<String> after = before.merge(delta).state();
            if (before.hasGap(delta)) {
                assertThat(after).isSameAs(before);
            }
            set(at, after);
            assertThat(after.merge(delta).state()).as("merged again").isSameAs(after);
        }

        /** One requests the entries of a third from another, in pages or by a delta. */
        void request(int at, int other, int of, boolean pages) {
            State<String> theirs = states.get(other);
            long since = states.get(at).version(id(of));
            if (at == of || theirs.version(id(of)) <= since) {
                return;
            }
            Optional<Delta<String>> delta = theirs.since(id(of), since);
            if (!pages && delta.isPresent()) {
                take(at, delta.get());
                return;
            }
            long after = 0;
            long version = theirs.version(id(of));
            List<Entry<String>> entries = new ArrayList<>();
            while (true) {
                CopyPage<String> page = theirs.page(id(of), after, 1 + random.nextInt(3));
                entries.addAll(page.entries());
                if (page.isLast()) {
                    set(
                            at,
                            states.get(at)
                                    .copy(id(of), version, page.last(), entries)
                                    .state());
                    return;
                }
                after = page.last();
                if (random.nextInt(8) == 0) {
                    return; // the rest is lost
                }
                if (random.nextInt(3) == 0 && !sent.isEmpty()) {
                    take(at, sent.get(random.nextInt(sent.size())));
                }
                if (random.nextInt(3) == 0 && other == of) {
                    change(
                            of,
                            states.get(of)
                                    .add("room 0", "late", ++owners, "meta")
                                    .state());
                    List<Entry<String>> own = own(of);
                    change(of, states.get(of).remove(List.of(own.getFirst())).state());
                    theirs = states.get(other);
                }
            }
        }

        void checkAll() {
            for (int at = 0; at < states.size(); at++) {
                for (int of = 0; of < states.size(); of++) {
                    check(at, of);
                }
            }
        }

        /** The entries up to the version are those that the replica had then, except for changes of later pages. */
        private void check(int at, int of) {
            State<String> state = states.get(at);
            long version = state.version(id(of));
            Set<Dot> found = new HashSet<>(dots(state, of));
            found.removeIf(dot -> dot.counter() > version);
            Set<Dot> then = past.get(of).get((int) version);
            assertThat(then).as("%d of %d at %d", at, of, version).containsAll(found);
            Set<Dot> lacking = new HashSet<>(then);
            lacking.removeAll(found);
            Set<Dot> now = dots(states.get(of), of);
            // A page may already lack entries that were removed after the version.
            assertThat(lacking).as("%d lacks of %d at %d", at, of, version).noneMatch(now::contains);
            Map<String, Set<Dot>> visible = new HashMap<>();
            for (int room = 0; room < 3; room++) {
                Set<Dot> dots = new TreeSet<>(Comparator.comparing(Dot::toString));
                state.topic("room " + room).forEach(entry -> dots.add(entry.dot()));
                visible.put("room " + room, dots);
            }
            state.replica(id(of))
                    .entries()
                    .forEach(entry -> assertThat(visible.get(entry.topic())).contains(entry.dot()));
        }

        void exchangeAll() {
            for (int of = 0; of < states.size(); of++) {
                for (int at = 0; at < states.size(); at++) {
                    while (states.get(at).version(id(of)) < states.get(of).version(id(of))) {
                        request(
                                at,
                                of,
                                of,
                                states.get(of)
                                        .since(id(of), states.get(at).version(id(of)))
                                        .isEmpty());
                    }
                }
            }
        }
    }

    @Provide
    Arbitrary<Long> seeds() {
        return Arbitraries.longs().withoutEdgeCases();
    }

    @Property(tries = 500)
    void aCopyEqualsItsReplicaAtThatVersion(
            @ForAll @IntRange(min = 2, max = 5) int replicas,
            @ForAll("seeds") long seed,
            @ForAll @IntRange(min = 1, max = 150) int steps) {
        Replicas all = new Replicas(replicas, seed);
        for (int i = 0; i < steps; i++) {
            all.step();
            all.checkAll();
        }
    }

    @Property(tries = 300)
    void replicasThatExchangedEverythingAreEqual(
            @ForAll @IntRange(min = 2, max = 5) int replicas,
            @ForAll("seeds") long seed,
            @ForAll @IntRange(min = 1, max = 150) int steps) {
        Replicas all = new Replicas(replicas, seed);
        for (int i = 0; i < steps; i++) {
            all.step();
        }
        all.exchangeAll();
        for (int of = 0; of < replicas; of++) {
            Set<Dot> has = Replicas.dots(all.states.get(of), of);
            for (State<String> state : all.states) {
                assertThat(Replicas.dots(state, of)).isEqualTo(has);
            }
        }
        int size = all.states.getFirst().size();
        assertThat(all.states).allMatch(state -> state.size() == size);
        State<String> first = all.states.getFirst();
        for (Delta<String> old : all.sent) {
            assertThat(first.merge(old).state())
                    .as("the state after old messages")
                    .isSameAs(first);
        }
    }
}
