package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.benchmarks.ClusterResult.IdleNode;
import io.heliodor.benchmarks.ClusterResult.Measured;
import io.heliodor.benchmarks.ClusterResult.Micros;
import io.heliodor.benchmarks.ClusterResult.Pair;
import io.heliodor.benchmarks.cluster.Operation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ClusterReportTests {
    private static Measured stream(double perSecond, double cpu) {
        return new Measured(perSecond, Optional.empty(), Optional.of(cpu));
    }

    private static Measured roundTrips(double perSecond, double p50, double p99) {
        return new Measured(perSecond, Optional.of(new Micros(p50, p99, 9_000)), Optional.empty());
    }

    private static ClusterResult result() {
        ClusterResult.Row unicast = ClusterResult.Row.of(
                Operation.UNICAST,
                Operation.UNICAST,
                List.of(
                        new Pair(stream(300_000, 4), stream(400_000, 3)),
                        new Pair(stream(100_000, 6), stream(200_000, 5)),
                        new Pair(stream(200_000, 5), stream(200_000, 4))));
        ClusterResult.Row call = ClusterResult.Row.of(
                Operation.CALL,
                Operation.ECHO,
                List.of(new Pair(roundTrips(10_000, 90.4, 210), roundTrips(8_000, 110, 300))));
        return new ClusterResult(
                Map.of("nodes", 3),
                List.of(new ClusterResult.Connections(
                        ClusterRun.Security.TLS,
                        List.of(unicast, call),
                        Optional.of(new ClusterResult.Idle(
                                new IdleNode(4.25, 104_857_600), new IdleNode(2, 52_428_800))))));
    }

    @Test
    void theTableHasMediansAndRatiosOfPairs() {
        assertThat(ClusterReport.of(result())
                        .lines()
                        .map(line -> line.replaceAll(" +", " ").strip()))
                .startsWith(
                        "cluster nodes 3",
                        "",
                        "tls a second ratio p50 us p99 us CPU s a million",
                        "unicast 200,000 / 200,000 0.75 (0.50 to 1.00) 5.0 / 4.0",
                        "call / echo 10,000 / 8,000 1.25 (1.25 to 1.25) 90 / 110 210 / 300",
                        "idle 4.3 / 2.0 CPU ms a second, 100.0 / 50.0 MiB resident, for each node");
    }

    @Test
    void theJsonHasEachPair() {
        JsonNode json = new JsonMapper().readTree(OutputOptions.json(result()));
        assertThat(json.at("/connections/0/security").asString()).isEqualTo("tls");
        assertThat(json.at("/connections/0/rows/1/jgroups_operation").asString())
                .isEqualTo("echo");
        assertThat(json.at("/connections/0/rows/0/ratio/median").asDouble()).isEqualTo(0.75);
        assertThat(json.at("/connections/0/rows/0/pairs/2/jgroups/per_second").asDouble())
                .isEqualTo(200_000);
        assertThat(json.at("/connections/0/rows/0/heliodor/cpu_seconds_per_million")
                        .asDouble())
                .isEqualTo(5);
        assertThat(json.at("/connections/0/rows/1/heliodor/micros/p50").asDouble())
                .isEqualTo(90.4);
        assertThat(json.at("/connections/0/idle/jgroups/resident_bytes").asDouble())
                .isEqualTo(52_428_800);
    }

    @Test
    void aTrialWithoutMessagesIsNotAResult() {
        assertThatThrownBy(() -> Measured.of(0, 0, Optional.empty()))
                .isInstanceOf(RunFailed.class)
                .hasMessageContaining("more seconds");
    }
}
