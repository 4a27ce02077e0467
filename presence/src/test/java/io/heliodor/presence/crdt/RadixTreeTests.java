package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RadixTreeTests {
    private static final ReplicaId A = new ReplicaId("a", 1);

    @Provide
    Arbitrary<Long> counter() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(1, 100),
                Arbitraries.longs().between(Long.MAX_VALUE - 40, Long.MAX_VALUE),
                Arbitraries.longs().between(1, Long.MAX_VALUE));
    }

    @Provide
    Arbitrary<List<Long>> counters() {
        return counter().list().ofMaxSize(150);
    }

    @Property
    void itHoldsTheSameEntriesAsATreeMap(
            @ForAll("counters") List<Long> counters,
            @ForAll("counter") long from,
            @ForAll("counter") long to,
            @ForAll Random random) {
        RadixTree<Entry<String>> radix = RadixTree.byCounter();
        TreeMap<Long, Entry<String>> map = new TreeMap<>();
        for (long counter : counters) {
            RadixTree<Entry<String>> before = radix;
            List<Entry<String>> contentBefore = List.copyOf(map.values());
            if (random.nextInt(5) < 3) {
                Entry<String> entry = entry(counter, random.nextLong());
                radix = radix.put(entry);
                map.put(counter, entry);
            } else {
                radix = radix.remove(counter);
                map.remove(counter);
            }
            assertThat(contentOf(radix)).containsExactlyElementsOf(map.values());
            assertThat(radix.size()).isEqualTo(map.size());
            assertThat(radix.get(counter)).isSameAs(map.get(counter));
            assertThat(radix.get(from)).isSameAs(map.get(from));
            assertThat(contentOf(before)).as("the map that was changed").containsExactlyElementsOf(contentBefore);
        }
        List<Entry<String>> between = new ArrayList<>();
        radix.forEach(from, to, between::add);
        assertThat(between)
                .containsExactlyElementsOf(
                        from > to ? List.of() : map.subMap(from, true, to, true).values());
    }

    @Property(tries = 200)
    void ownersMayHaveAnyNumber(@ForAll Set<Long> owners) {
        RadixTree<OwnerEntries<String>> radix = RadixTree.byOwner();
        for (long owner : owners) {
            radix = radix.put(entry(1, owner));
        }
        List<Long> found = new ArrayList<>();
        radix.forEach(entry -> found.add(entry.owner()));
        assertThat(found)
                .containsExactlyElementsOf(
                        owners.stream().sorted(Long::compareUnsigned).toList());
        for (long owner : owners) {
            assertThat(radix.get(owner)).isNotNull();
            radix = radix.remove(owner);
            assertThat(radix.get(owner)).isNull();
        }
        assertThat(radix.size()).isZero();
    }

    @Example
    void aRangeIsFoundWithoutAVisitOfTheRest() {
        RadixTree<Entry<String>> radix = RadixTree.byCounter();
        for (int counter = 1; counter <= 10_000; counter++) {
            radix = radix.put(entry(counter, 0));
        }
        assertThat(radix.remove(10_001)).isSameAs(radix);
        assertThat(Heap.of(radix).newSlots(radix.put(entry(5_000, 1)))).isLessThan(150);
    }

    private static Entry<String> entry(long counter, long owner) {
        return new Entry<>(new Dot(A, counter), "topic", "key", owner, "meta", null);
    }

    private static List<Entry<String>> contentOf(RadixTree<Entry<String>> radix) {
        List<Entry<String>> content = new ArrayList<>();
        radix.forEach(content::add);
        return content;
    }
}
