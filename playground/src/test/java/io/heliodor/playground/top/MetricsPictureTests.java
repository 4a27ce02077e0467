package io.heliodor.playground.top;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsPictureTests {
    private static final String BEFORE = """
            # HELP heliodor_connections Connections open now.
            # TYPE heliodor_connections gauge
            heliodor_connections 2.0
            heliodor_frames_out_total 1000.0
            heliodor_handlers_seconds_bucket{channel="room:*",kind="call",name="a \\"b\\"",result="ok",le="0.001"} 5
            heliodor_handlers_seconds_bucket{channel="room:*",kind="call",name="a \\"b\\"",result="ok",le="0.005"} 5
            heliodor_handlers_seconds_bucket{channel="room:*",kind="call",name="a \\"b\\"",result="ok",le="+Inf"} 5
            heliodor_handlers_seconds_count{channel="room:*",kind="call",name="a \\"b\\"",result="ok"} 5
            """;
    private static final String NOW = """
            heliodor_connections 3.0
            heliodor_frames_out_total 4.0E3
            heliodor_traffic_out_bytes_total 3145728.0
            heliodor_connections_closed_total{reason="idle"} 1.0
            heliodor_connections_closed_total{reason="slow"} 4.0
            heliodor_connections_closed_total{reason="fault"} 0.0
            heliodor_handlers_seconds_bucket{channel="room:*",kind="call",name="a \\"b\\"",result="ok",le="0.001"} 101
            heliodor_handlers_seconds_bucket{channel="room:*",kind="call",name="a \\"b\\"",result="ok",le="0.005"} 104
            heliodor_handlers_seconds_bucket{channel="room:*",kind="call",name="a \\"b\\"",result="ok",le="+Inf"} 105
            heliodor_handlers_seconds_count{channel="room:*",kind="call",name="a \\"b\\"",result="ok"} 105
            heliodor_handlers_seconds_bucket{channel="room:*",kind="join",name="join",result="failed",le="+Inf"} 2
            heliodor_handlers_seconds_count{channel="room:*",kind="join",name="join",result="failed"} 2
            process_uptime_seconds 75.5
            process_cpu_usage 0.254
            jvm_memory_used_bytes{area="heap",id="Tenured Gen"} 1048576
            jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 9e9
            what is this NaN NaN
            """;

    @Test
    void aPictureShowsTheGaugesAndTheChangesASecond() {
        MetricsPicture picture = new MetricsPicture("http://here", Scrape.parse(BEFORE), Scrape.parse(NOW), 2);
        assertThat(String.join("\n", picture.lines())).isEqualTo("""
                heliodor at http://here   up 1 min 15 s   cpu 25 %   heap 1.0 MiB

                connections              3   opened 0/s           closed 2.5/s         paused 0
                channels                 0   joined 0/s           refused 0/s          failed 0/s
                topics                   0   present 0
                messages in            0/s   0 B/s
                messages out       1 500/s   1.5 MiB/s
                waiting                0 B   for slow clients     0 for handlers       0 B for loops
                handlers              51/s   p50 <= 1 ms          p99 > 10 s           failed 1/s

                closed        slow 4, idle 1
                refused       none

                handler                                        calls         p50         p99
                room:* call a "b"                               50/s     <= 1 ms     <= 5 ms
                room:* join                                      1/s      > 10 s      > 10 s""");
    }

    @Test
    void anApplicationWithoutMetersOfTheJvmHasDashesInTheirPlaces() {
        Scrape scrape = Scrape.parse("heliodor_connections 3.0\nprocess_cpu_usage NaN\n");
        assertThat(new MetricsPicture("http://here", scrape, scrape, 1).lines().getFirst())
                .isEqualTo("heliodor at http://here   up -   cpu -   heap -");
    }

    @Test
    void aServerThatStartedAgainHasNoNegativeRates() {
        MetricsPicture picture = new MetricsPicture("http://here", Scrape.parse(NOW), Scrape.parse(BEFORE), 1);
        assertThat(String.join("\n", picture.lines()))
                .doesNotContainPattern("-\\d")
                .containsPattern("messages out +0/s");
    }
}
