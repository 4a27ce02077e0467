package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The copies of a change, counted in references and numbers: they do not grow with the number of presences. */
class StateCostTests {
    private static final ReplicaId A = new ReplicaId("a", 1);
    private static final ReplicaId B = new ReplicaId("b", 1);
    private static final int PRESENT = 10_000;
    private static final int MAX = 700;

    static Stream<Arguments> crowds() {
        return Stream.of(
                crowd("one topic, a key for each", n -> new Entry<>(dot(n), "room", "user " + n, n, "here", null)),
                crowd("a topic for each", n -> new Entry<>(dot(n), "room " + n, "user", n, "here", null)),
                crowd("one topic, one key", n -> new Entry<>(dot(n), "room", "user", n, "here", null)),
                crowd("one owner", n -> new Entry<>(dot(n), "room " + n % 100, "user " + n, 7, "here", null)),
                crowd("one owner, one key", n -> new Entry<>(dot(n), "room", "user", 7, "here", null)),
                crowd(
                        "keys of one hash code",
                        n -> new Entry<>(dot(n), "room", TrieTests.colliding(n, 14), n, "here", null)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("crowds")
    void aChangeCopiesTheWayToItselfOnly(String name, List<Entry<String>> crowd) {
        State<String> own = State.of(A);
        for (Entry<String> each : crowd) {
            own = own.add(each.topic(), each.key(), each.owner(), each.meta()).state();
        }
        State<String> theirs = State.<String>of(B)
                .merge(new Delta<>(A, 0, PRESENT, crowd, List.of()))
                .state()
                .show(A)
                .state();
        Entry<String> one = crowd.get(PRESENT / 2);

        check(
                own,
                state -> state.add(one.topic(), one.key(), one.owner(), "new").state());
        check(own, state -> state.add("another room", "another", -5, "new").state());
        check(own, state -> state.replace(one, "new").state());
        check(own, state -> state.remove(List.of(one)).state());
        Transition<String> added = own.add(one.topic(), one.key(), one.owner(), "new");
        for (Transition<String> step : List.of(added, own.remove(List.of(one)), own.replace(one, "new"))) {
            Delta<String> delta = step.state().since(A, PRESENT).orElseThrow();
            check(theirs, state -> state.merge(delta).state());
        }
        check(
                theirs,
                state -> state.add(one.topic(), one.key(), one.owner(), "new").state());
    }

    private static void check(State<String> state, UnaryOperator<State<String>> change) {
        State<String> next = change.apply(state);
        assertThat(next).isNotSameAs(state);
        assertThat(Heap.of(state).newSlots(next)).isBetween(1L, (long) MAX);
    }

    private static Dot dot(int counter) {
        return new Dot(A, counter);
    }

    private static Arguments crowd(String name, IntFunction<Entry<String>> entry) {
        List<Entry<String>> crowd = new ArrayList<>();
        for (int n = 1; n <= PRESENT; n++) {
            crowd.add(entry.apply(n));
        }
        return Arguments.of(name, crowd);
    }
}
