package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTests {
    private static RunResult result(double arrivalsPerCpuSecond) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("connections", 1000);
        settings.put("topics", 1);
        return new RunResult(
                "fanout",
                settings,
                new RunResult.Joins(1000, 1000, 0.25),
                5.0,
                Optional.of(new RunResult.Arrivals(
                        "deliveries", 1_131_735, 226_347, 1132, 1_500_000, 1_500_000, 0, 0, 0, 0)),
                Optional.of(new RunResult.Latency(46.4, 2_162.7, 5_374, 7_077.9, 1_234_000)),
                Optional.of(new RunResult.ServerUse(
                        4.87,
                        0.2,
                        Optional.of(arrivalsPerCpuSecond),
                        new RunResult.Memory(47_185_920, 52_428_800, 53_477_376, 54_525_952),
                        6_291)),
                new RunResult.Generator(4.5, 0.9, 900_000),
                Optional.of(0.02),
                new RunResult.Heartbeats(0, 0),
                Optional.empty(),
                0,
                Map.of(),
                List.of("beware"));
    }

    @Test
    void theTableHasAllFigures() {
        assertThat(TextReport.of(result(232_390)).lines())
                .containsExactly(
                        "fanout           connections 1000, topics 1",
                        "joined           1000 of 1000 in 0.25 s",
                        "deliveries       1,131,735  (226,347 a second; 1,132 sent)",
                        "since the start  1,500,000 due, 1,500,000 got, 0 missing, 0 unknown, 0 refused",
                        "latency          p50 46 us  p90 2.16 ms  p99 5.37 ms  p99.9 7.08 ms  max 1.23 s",
                        "server CPU       4.87 s, 232,390 deliveries a CPU second (and 0.20 s for the joins)",
                        "server memory    before 45.0 MiB  start 50.0 MiB  end 51.0 MiB  max 52.0 MiB",
                        "generator CPU    4.50 s (its thread was busy for 90 % of the time, 900,000 reads)",
                        "other CPU        0.02 s",
                        "errors           0",
                        "warning          beware");
    }

    @Test
    void percentilesAreMicroseconds() {
        Histogram nanos = new Histogram(1_000_000_000L, 3);
        for (int i = 1; i <= 1000; i++) {
            nanos.recordValue(i * 1_000L);
        }
        RunResult.Latency latency = RunResult.Latency.of(nanos);
        assertThat(latency.p50()).isBetween(500.0, 501.0);
        assertThat(latency.p90()).isBetween(900.0, 901.0);
        assertThat(latency.p99()).isBetween(990.0, 991.0);
        assertThat(latency.p999()).isBetween(999.0, 1000.0);
        assertThat(latency.max()).isBetween(1000.0, 1001.0);
    }

    @Test
    void theJsonHasTheSameFigures() {
        JsonNode json = new JsonMapper().readTree(OutputOptions.json(result(232_390)));
        assertThat(json.at("/settings/connections").asInt()).isEqualTo(1000);
        assertThat(json.at("/arrivals/per_second").asDouble()).isEqualTo(226_347);
        assertThat(json.at("/latency_micros/p999").asDouble()).isEqualTo(7_077.9);
        assertThat(json.at("/server/memory/max").asLong()).isEqualTo(54_525_952);
        assertThat(json.at("/server/arrivals_per_cpu_second").asDouble()).isEqualTo(232_390);
        assertThat(json.at("/other_cpu_seconds").asDouble()).isEqualTo(0.02);
        assertThat(json.at("/stalled").isNull()).isTrue();
        assertThat(json.at("/warnings/0").asString()).isEqualTo("beware");
    }

    @Test
    void ratiosAreSortedForTheirMedian() throws Exception {
        Comparison three =
                Comparison.of("deliveries", "./a", "./b", List.of(pair(300, 100), pair(100, 100), pair(200, 100)));
        assertThat(three.ratio()).isEqualTo(new Ratio(1, 2, 3));
        assertThat(three.text())
                .startsWith(String.format("deliveries%nA                ./a%nB                ./b%n"))
                .contains("pair 1           A 300  B 100  ratio 3.00")
                .contains("A / B            min 1.00  median 2.00  max 3.00");
        Comparison two = Comparison.of("deliveries", "./a", "./b", List.of(pair(300, 100), pair(100, 100)));
        assertThat(two.ratio().median()).isEqualTo(2);
    }

    @Test
    void aRowOfEventsHasItsMedianAndItsReference() throws Exception {
        Comparison whisper =
                Comparison.of("a server CPU second", "whisper", "shout", List.of(pair(90, 100), pair(220, 200)));
        assertThat(EventsResult.line(whisper))
                .isEqualTo(String.format(
                        "%-30s 1.00 of shout (0.90 to 1.10); 155 and 150 a server CPU second%n", "whisper"));
        EventsResult result = new EventsResult(Map.of("pairs", 2), List.of(whisper));
        assertThat(result.text()).startsWith("events ").contains("pairs 2").endsWith(EventsResult.line(whisper));
        assertThat(result.clean()).isTrue();
    }

    private static Comparison.Pair pair(double a, double b) throws RunFailed {
        return Comparison.Pair.of(result(a), result(b));
    }

    @Test
    void aServerWithoutFiguresCannotBeCompared() {
        RunResult known = result(1);
        RunResult unknown = new RunResult(
                known.scenario(),
                known.settings(),
                known.joins(),
                known.seconds(),
                known.arrivals(),
                known.latencyMicros(),
                Optional.empty(),
                known.generator(),
                known.otherCpuSeconds(),
                known.heartbeats(),
                known.stalled(),
                known.errors(),
                known.failures(),
                known.warnings());
        assertThatThrownBy(() -> Comparison.Pair.of(unknown, known))
                .isInstanceOf(RunFailed.class)
                .hasMessageContaining("first server");
        assertThat(TextReport.of(unknown)).contains("server           not known (no --server-pid)");
    }
}
