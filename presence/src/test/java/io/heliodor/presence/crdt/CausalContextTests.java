package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CausalContextTests {
    private static final ReplicaId A1 = new ReplicaId("a", 1);
    private static final ReplicaId A2 = new ReplicaId("a", 2);
    private static final ReplicaId B1 = new ReplicaId("b", 1);
    private static final List<ReplicaId> REPLICAS = List.of(A1, A2, B1, new ReplicaId("b", 7), new ReplicaId("c", 1));
    private static final int MOST = 9;

    @Provide
    Arbitrary<CausalContext> contexts() {
        Arbitrary<CausalContext> part = Combinators.combine(
                        Arbitraries.of(REPLICAS),
                        Arbitraries.longs().between(1, MOST),
                        Arbitraries.integers().between(0, 9))
                .as((replica, counter, kind) -> switch (kind) {
                    case 0 -> CausalContext.empty().knowing(replica);
                    case 1 -> CausalContext.empty().ending(replica);
                    default -> CausalContext.empty().with(new Dot(replica, counter));
                });
        return part.list()
                .ofMaxSize(20)
                .map(parts -> parts.stream().reduce(CausalContext.empty(), CausalContext::union))
                .withoutEdgeCases();
    }

    @Property
    void unionIsCommutativeAssociativeAndIdempotent(
            @ForAll("contexts") CausalContext a,
            @ForAll("contexts") CausalContext b,
            @ForAll("contexts") CausalContext c) {
        assertThat(a.union(b)).isEqualTo(b.union(a)).hasSameHashCodeAs(b.union(a));
        assertThat(a.union(b).union(c)).isEqualTo(a.union(b.union(c)));
        assertThat(a.union(a)).isSameAs(a);
        assertThat(a.union(b).union(b)).isEqualTo(a.union(b));
    }

    @Property
    void theyAreSetsOfDots(@ForAll("contexts") CausalContext a, @ForAll("contexts") CausalContext b) {
        for (ReplicaId replica : REPLICAS) {
            for (long counter = 1; counter <= MOST + 1; counter++) {
                var dot = new Dot(replica, counter);
                assertThat(a.union(b).contains(dot)).isEqualTo(a.contains(dot) || b.contains(dot));
                assertThat(a.intersection(b).contains(dot)).isEqualTo(a.contains(dot) && b.contains(dot));
                // Lives that ended and whole ends are told again, so less is never left out but more may be in.
                assertThat(a.minus(b).contains(dot))
                        .as("%s", dot)
                        .matches(in -> in || !a.contains(dot) || b.contains(dot));
            }
            assertThat(a.union(b).ended(replica)).isEqualTo(a.ended(replica) || b.ended(replica));
        }
    }

    @Property
    void whatIsMissingIsAllThatIsMissing(@ForAll("contexts") CausalContext a, @ForAll("contexts") CausalContext b) {
        assertThat(b.union(a.minus(b))).isEqualTo(b.union(a));
        assertThat(a.minus(a).isEmpty()).isTrue();
        assertThat(a.minus(a.union(b)).isEmpty())
                .as("one that has seen more dominates")
                .isTrue();
        assertThat(a.minus(b).isEmpty()).isEqualTo(b.union(a).equals(b));
    }

    @Example
    void itTakesOneRangeForEachNameOnceNoDotIsMissing() {
        CausalContext context = CausalContext.empty();
        for (long counter : new long[] {5, 1, 4, 2}) {
            context = context.with(new Dot(A1, counter)).with(new Dot(B1, counter));
        }
        assertThat(context.ranges()).isEqualTo(4);
        assertThat(context.contains(new Dot(A1, 3))).isFalse();
        context = context.with(new Dot(A1, 3)).with(new Dot(B1, 3));
        assertThat(context.ranges()).isEqualTo(2);
        assertThat(context.contains(new Dot(A1, 3))).isTrue();
        assertThat(context.contains(new Dot(A1, 6))).isFalse();
    }

    @Example
    void aLaterLifeTakesThePlaceOfTheEarlierOnes() {
        CausalContext context = CausalContext.empty().with(new Dot(A1, 1)).with(new Dot(A1, 9));
        assertThat(context.ended(A1)).isFalse();
        context = context.knowing(A2);
        assertThat(context.ended(A1)).isTrue();
        assertThat(context.ended(A2)).isFalse();
        assertThat(context.contains(new Dot(A1, 5))).isTrue();
        assertThat(context.contains(new Dot(A2, 1))).isFalse();
        assertThat(context.with(new Dot(A1, 77)).ending(A1).knowing(A1)).isSameAs(context);
        assertThat(context.ranges()).isZero();
    }

    @Example
    void anEndedReplicaIsOneRangeForEver() {
        CausalContext context = CausalContext.empty().with(new Dot(A1, 3)).ending(A1);
        assertThat(context.ended(A1)).isTrue();
        assertThat(context.ranges()).isEqualTo(1);
        assertThat(context.contains(new Dot(A1, Long.MAX_VALUE))).isTrue();
        assertThat(context.minus(CausalContext.empty().with(new Dot(A1, 3))).ended(A1))
                .isTrue();
    }

    @Example
    void aDeltaHasTheDotsOfItsEntries() {
        var entry = new Entry<>(new Dot(A1, 1), "topic", "key", 0, "meta", null);
        assertThatThrownBy(
                        () -> new Delta<>(List.of(entry), CausalContext.empty().knowing(A1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a 1.1");
        assertThatThrownBy(
                        () -> new Delta<>(List.of(entry), CausalContext.empty().ending(A1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Dot(A1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
