package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CostTests {
    private final List<String> order = new ArrayList<>();

    private static Cost.Sample sample(double perSecond, double cpuMicros, long faults) {
        return new Cost.Sample(
                perSecond, Optional.of(cpuMicros), Optional.of(new RunResult.Latency(10, 20, 30, 40, 50)), faults);
    }

    private Cost.Variant variant(String name, Cost.Sample... samples) {
        Iterator<Cost.Sample> next = List.of(samples).iterator();
        return new Cost.Variant(name, () -> {
            order.add(name);
            return next.next();
        });
    }

    @Test
    void eachRoundIsComparedWithItsOwnReference() throws Exception {
        List<Cost> costs = Cost.of(
                3,
                List.of(
                        variant("small", sample(100, 2, 0), sample(10, 20, 0), sample(100, 2, 0)),
                        variant("large", sample(50, 3, 0), sample(10, 60, 0), sample(80, 4, 0))));
        assertThat(order).containsExactly("small", "large", "large", "small", "small", "large");
        assertThat(costs.getFirst().cpuRatio()).isEmpty();
        assertThat(costs.getLast().cpuRatio()).contains(new Ratio(1.5, 2, 3));
        assertThat(costs.getLast().rateRatio()).contains(new Ratio(0.5, 0.8, 1));
        assertThat(costs.getLast().cpuMicros()).contains(new Ratio(3, 4, 60));
        assertThat(costs.getLast().perSecond()).isEqualTo(50);
    }

    @Test
    void faultsAreInTheTableAndNotClean() throws Exception {
        CostResult result = new CostResult(
                "growth",
                Map.of("rounds", 2),
                List.of(new CostResult.Group(
                        "members", Cost.of(2, List.of(variant("10", sample(100, 2, 0), sample(100, 2, 3)))))),
                List.of("a note"));
        assertThat(result.clean()).isFalse();
        assertThat(result.text().lines().map(String::stripTrailing))
                .containsExactly(
                        "growth                   rounds 2",
                        "members",
                        "10                       100 a second, 2.00 us of CPU each (2.00 to 2.00), p50 10 us, p99 30 us;"
                                + " 3 FAULTS",
                        "                         a note");
    }

    @Test
    void lostAndUnexpectedArrivalsAreFaults() {
        RunResult run = new RunResult(
                "fanout",
                Map.of(),
                new RunResult.Joins(10, 9, 1),
                1,
                Optional.of(new RunResult.Arrivals("deliveries", 100, 100, 10, 107, 100, 7, 20, 300, 0)),
                Optional.empty(),
                Optional.empty(),
                new RunResult.Generator(1, 1, 1),
                Optional.empty(),
                new RunResult.Heartbeats(0, 0),
                Optional.empty(),
                4_000,
                Map.of(),
                List.of());
        assertThat(Cost.Sample.of(run).faults()).isEqualTo(1 + 7 + 20 + 300 + 4_000);
    }
}
