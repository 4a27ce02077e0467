package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TrieTests {
    /** "Aa" and "BB" have one hash code, so all texts of the same number of these do. */
    static String colliding(int bits, int pairs) {
        var text = new StringBuilder();
        for (int pair = 0; pair < pairs; pair++) {
            text.append((bits >>> pair & 1) == 0 ? "Aa" : "BB");
        }
        return text.toString();
    }

    @Provide
    Arbitrary<List<String>> keys() {
        Arbitrary<String> some = Arbitraries.integers().between(0, 200).map(number -> "key " + number);
        Arbitrary<String> same = Arbitraries.integers().between(0, 63).map(bits -> colliding(bits, 6));
        return Arbitraries.oneOf(some, same).list().ofMaxSize(200);
    }

    @Property(tries = 300)
    void itHoldsTheSameEntriesAsAHashMap(@ForAll("keys") List<String> keys, @ForAll Random random) {
        Trie<Integer> trie = Trie.empty();
        Map<String, Integer> map = new HashMap<>();
        for (String key : keys) {
            Trie<Integer> before = trie;
            Map<String, Integer> mapBefore = new HashMap<>(map);
            int value = random.nextInt();
            if (random.nextInt(5) < 3) {
                trie = trie.put(key, value);
                map.put(key, value);
            } else {
                trie = trie.remove(key);
                map.remove(key);
            }
            assertThat(contentOf(trie)).isEqualTo(map);
            assertThat(trie.get(key)).isEqualTo(map.get(key));
            assertThat(contentOf(before)).as("the map that was changed").isEqualTo(mapBefore);
        }
    }

    @Property(tries = 300)
    void theOrderDependsOnTheContentOnly(@ForAll("keys") List<String> keys, @ForAll Random random) {
        List<String> distinct = new ArrayList<>(Map.copyOf(indexed(keys)).keySet());
        Trie<String> inOrder = Trie.empty();
        for (String key : distinct) {
            inOrder = inOrder.put(key, key);
        }
        List<String> shuffled = new ArrayList<>(distinct);
        Collections.shuffle(shuffled, random);
        Trie<String> withMore = Trie.empty();
        for (String key : shuffled) {
            withMore = withMore.put(key, key).put(key + " gone", key).put(colliding(random.nextInt(), 9), key);
        }
        for (int bits = 0; bits < 1 << 9; bits++) {
            withMore = withMore.remove(colliding(bits, 9));
        }
        for (String key : shuffled) {
            withMore = withMore.remove(key + " gone");
        }
        assertThat(withMore).containsExactlyElementsOf(inOrder);
        List<String> visited = new ArrayList<>();
        withMore.forEach((key, _) -> visited.add(key));
        assertThat(visited).containsExactlyElementsOf(inOrder);
        assertThat(Heap.shape(withMore)).as("its nodes").isEqualTo(Heap.shape(inOrder));
    }

    @Property(tries = 100)
    void removingAMissingKeyChangesNothing(@ForAll("keys") List<String> keys) {
        Trie<Integer> trie = Trie.empty();
        for (String key : keys) {
            trie = trie.put(key, 1);
        }
        assertThat(trie.remove("nobody")).isSameAs(trie);
        assertThat(trie.remove(colliding(0, 7))).isSameAs(trie);
        assertThat(trie.get(colliding(0, 7))).isNull();
    }

    @Example
    void keysWithOneHashCodeCostLittleMoreThanOthers() {
        Trie<Integer> colliding = Trie.empty();
        Trie<Integer> ordinary = Trie.empty();
        for (int number = 0; number < 1 << 12; number++) {
            colliding = colliding.put(colliding(number, 12), number);
            ordinary = ordinary.put("key " + number, number);
        }
        assertThat(colliding.size()).isEqualTo(1 << 12);
        Heap before = Heap.of(colliding);
        Heap ordinaryBefore = Heap.of(ordinary);
        for (int number = 0; number < 1 << 12; number += 100) {
            long added = before.newSlots(colliding.put(colliding(number, 12), -1));
            long removed = before.newSlots(colliding.remove(colliding(number, 12)));
            assertThat(List.of(added, removed)).allMatch(slots -> slots < 300);
            assertThat(ordinaryBefore.newSlots(ordinary.put("key " + number, -1)))
                    .isLessThan(250);
        }
    }

    @Example
    void anIteratorEnds() {
        Iterator<Integer> iterator = Trie.<Integer>empty().put("a", 1).iterator();
        assertThat(iterator.next()).isEqualTo(1);
        assertThat(iterator.hasNext()).isFalse();
        assertThat(iterator.hasNext()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
    }

    private static Map<String, Integer> contentOf(Trie<Integer> trie) {
        Map<String, Integer> content = new HashMap<>();
        List<Integer> values = new ArrayList<>();
        trie.forEach((key, value) -> {
            content.put(key, value);
            values.add(value);
        });
        assertThat(trie).containsExactlyElementsOf(values).hasSize(trie.size());
        return content;
    }

    private static Map<String, Integer> indexed(List<String> keys) {
        Map<String, Integer> indexed = new HashMap<>();
        keys.forEach(key -> indexed.put(key, 0));
        return indexed;
    }
}
