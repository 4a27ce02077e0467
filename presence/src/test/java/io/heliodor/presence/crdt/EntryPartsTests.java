package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of the entries of a topic, which keep their encoding. */
class EntryPartsTests {
    private static final ReplicaId A = new ReplicaId("a", 1);
    private static final ReplicaId B = new ReplicaId("b", 2);

    /** The keys in one node of a tree, which are not divided further. */
    private static final int MAX_KEYS_OF_NODE = 32;

    private final Object encoder = new Object();
    private int encodedKeys;

    /** The texts of the entries of a part: dot and meta for each, one line for each key. */
    private List<String> encode(Iterator<List<Entry<String>>> keys) {
        List<String> lines = new ArrayList<>();
        while (keys.hasNext()) {
            lines.add(line(keys.next()));
            encodedKeys++;
        }
        assertThat(lines).as("a part").isNotEmpty();
        return lines;
    }

    private static String line(List<Entry<String>> ofKey) {
        return ofKey.stream().map(each -> each + each.meta()).toList().toString();
    }

    private List<String> encoded(Entries<String> entries, int max) {
        List<List<String>> parts = entries.parts(max, encoder, this::encode);
        assertThat(parts)
                .allSatisfy(part -> assertThat(part).hasSizeLessThanOrEqualTo(Math.max(max, MAX_KEYS_OF_NODE)));
        return parts.stream().flatMap(List::stream).toList();
    }

    private static List<String> plain(Entries<String> entries) {
        List<String> lines = new ArrayList<>();
        entries.byKey().forEachRemaining(ofKey -> lines.add(line(ofKey)));
        return lines;
    }

    /** Two replicas, of which the second merges the changes of the first; its parts are compared after some of its changes. */
    @Property(tries = 60)
    void keptPartsAreTheEntries(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int max,
            @ForAll @IntRange(min = 1, max = 600) int users) {
        Random random = new Random(seed);
        State<String> other = State.of(A);
        State<String> own = State.<String>of(B).show(A).state();
        for (int step = 0; step < 1_500; step++) {
            String key = "user " + random.nextInt(users);
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> own = own.add("room", key, step, "meta").state();
                case 4, 5, 6 -> other = other.add("room", key, step, "meta").state();
                case 7 -> own = own.remove(some(random, own, B)).state();
                case 8 -> other = other.remove(some(random, other, A)).state();
                case 9 -> own = replaced(random, own, B);
                case 10 -> other = replaced(random, other, A);
                default -> {
                    if (random.nextInt(4) == 0) {
                        own = own.hide(A).state();
                        assertThat(encoded(own.topic("room"), max)).isEqualTo(plain(own.topic("room")));
                        own = own.show(A).state();
                    }
                    own = own.merge(other.since(A, own.version(A)).orElseThrow())
                            .state();
                }
            }
            if (random.nextInt(10) == 0) {
                assertThat(encoded(own.topic("room"), max)).isEqualTo(plain(own.topic("room")));
            }
        }
    }

    private static List<Entry<String>> some(Random random, State<String> state, ReplicaId of) {
        List<Entry<String>> all = new ArrayList<>();
        state.topic("room").forEach(entry -> {
            if (entry.replica().equals(of)) {
                all.add(entry);
            }
        });
        if (all.isEmpty()) {
            return List.of();
        }
        int from = random.nextInt(all.size());
        return all.subList(from, Math.min(all.size(), from + random.nextInt(1, 20)));
    }

    private static State<String> replaced(Random random, State<String> state, ReplicaId of) {
        List<Entry<String>> some = some(random, state, of);
        return some.isEmpty()
                ? state
                : state.replace(some.getFirst(), "changed " + random.nextInt()).state();
    }

    private static State<String> crowd(int users) {
        State<String> state = State.of(A);
        for (int user = 0; user < users; user++) {
            state = state.add("room", "user " + user, user, "meta").state();
        }
        return state;
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64, 128})
    void aChangeEncodesItsPartAlone(int max) {
        State<String> state = crowd(10_000);
        assertThat(encoded(state.topic("room"), max)).hasSize(10_000);
        encodedKeys = 0;
        assertThat(encoded(state.topic("room"), max)).hasSize(10_000);
        assertThat(encodedKeys).as("keys encoded without a change").isZero();

        state = state.add("room", "another", -1, "meta").state();
        assertThat(encoded(state.topic("room"), max)).isEqualTo(plain(state.topic("room")));
        // The own keys of the divided nodes on the way to the part, too.
        assertThat(encodedKeys).isBetween(1, max + 3 * MAX_KEYS_OF_NODE);
    }

    @Test
    void aSmallTopicKeepsNothing() {
        State<String> state = crowd(128);
        assertThat(encoded(state.topic("room"), 128)).hasSize(128);
        encodedKeys = 0;
        assertThat(encoded(state.topic("room"), 128)).hasSize(128);
        assertThat(encodedKeys).isEqualTo(128);
        assertThat(encoded(Entries.none(), 128)).isEmpty();
    }

    @Test
    void eachEncoderGetsItsOwnResults() {
        Entries<String> entries = crowd(1_000).topic("room");
        List<String> lines = encoded(entries, 32);
        List<List<String>> keys = entries.parts(32, new Object(), part -> {
            List<String> names = new ArrayList<>();
            part.forEachRemaining(ofKey -> names.add(ofKey.getFirst().key()));
            return names;
        });
        assertThat(keys.stream().flatMap(List::stream)).hasSize(1_000).doesNotContainAnyElementsOf(lines);
        assertThat(encoded(entries, 32)).isEqualTo(lines);
    }

    /** Counted in the objects of the state: the parts end with the entries that they encode. */
    @Test
    void partsOfRemovedEntriesAreNotKept() {
        State<String> state = crowd(10_000);
        assertThat(encoded(state.topic("room"), 64)).hasSize(10_000);
        List<Entry<String>> all = new ArrayList<>();
        state.topic("room").forEach(all::add);
        Entries<String> few = state.remove(all.subList(10, all.size())).state().topic("room");
        assertThat(few.size()).isEqualTo(10);
        assertThat(Heap.slots(few)).isLessThan(1_000);
    }
}
