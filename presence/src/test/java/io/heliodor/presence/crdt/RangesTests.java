package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class RangesTests {
    @Property
    void theyAreSets(
            @ForAll @Size(max = 20) Set<@LongRange(min = 1, max = 30) Long> one,
            @ForAll @Size(max = 20) Set<@LongRange(min = 1, max = 30) Long> other) {
        Ranges a = ranges(one);
        Ranges b = ranges(other);
        check(a, one::contains);
        check(a.union(b), counter -> one.contains(counter) || other.contains(counter));
        check(a.minus(b), counter -> one.contains(counter) && !other.contains(counter));
        check(a.intersection(b), counter -> one.contains(counter) && other.contains(counter));
        assertThat(a.greatest()).isEqualTo(one.stream().mapToLong(n -> n).max().orElse(0));
        assertThat(a.union(a.intersection(b))).isSameAs(a);
    }

    @Property
    void allIsAll(@ForAll @Size(max = 20) Set<@LongRange(min = 1, max = 30) Long> some) {
        Ranges ranges = ranges(some);
        assertThat(Ranges.ALL.contains(Long.MAX_VALUE)).isTrue();
        assertThat(Ranges.ALL.contains(1)).isTrue();
        assertThat(ranges.union(Ranges.ALL)).isEqualTo(Ranges.ALL);
        assertThat(Ranges.ALL.union(ranges)).isSameAs(Ranges.ALL);
        assertThat(ranges.minus(Ranges.ALL).isEmpty()).isTrue();
        assertThat(Ranges.ALL.minus(ranges).union(ranges)).isEqualTo(Ranges.ALL);
        assertThat(Ranges.ALL.intersection(ranges)).isEqualTo(ranges);
        check(Ranges.ALL.minus(ranges), counter -> counter > 0 && !some.contains(counter));
    }

    @Example
    void whatFollowsEachOtherIsOneRange() {
        Ranges gap = Ranges.of(1, 10).union(Ranges.of(12, 20));
        assertThat(gap.count()).isEqualTo(2);
        assertThat(gap.union(Ranges.of(11, 11))).isEqualTo(Ranges.of(1, 20));
        assertThat(Ranges.of(1, 10).union(Ranges.of(11, 11)).count()).isEqualTo(1);
    }

    private static Ranges ranges(Set<Long> counters) {
        return Ranges.of(new TreeSet<>(counters).stream().mapToLong(n -> n).toArray());
    }

    private static void check(Ranges ranges, LongPredicate expected) {
        assertThat(LongStream.rangeClosed(0, 32).filter(ranges::contains).toArray())
                .isEqualTo(LongStream.rangeClosed(0, 32).filter(expected).toArray());
        for (int range = 1; range < ranges.count(); range++) {
            assertThat(ranges.first(range)).as("%s", ranges).isGreaterThan(ranges.last(range - 1) + 1);
        }
    }
}
