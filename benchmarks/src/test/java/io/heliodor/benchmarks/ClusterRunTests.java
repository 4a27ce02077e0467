package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.benchmarks.ClusterRun.Part;
import io.heliodor.benchmarks.ClusterRun.Security;
import io.heliodor.benchmarks.cluster.Operation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With real nodes: a run of this kind passes only if no message was lost, repeated or out of order. */
class ClusterRunTests {
    private static final Duration SHORT = Duration.ofMillis(200);

    private final Progress progress =
            new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false);

    private ClusterResult.Connections run(Security security, Set<Part> parts) throws Exception {
        return ClusterRun.over(
                security, new ClusterRun.Plan(2, 200, 1, Duration.ZERO, SHORT, SHORT, parts, List.of()), progress);
    }

    private static void assertMeasured(ClusterResult.Row row) {
        assertThat(row.pairs()).hasSize(1);
        assertThat(row.ratio().median()).as("%s", row).isPositive();
        for (ClusterResult.Measured measured : List.of(row.heliodor(), row.jgroups())) {
            assertThat(measured.perSecond()).as("%s", row).isPositive();
            assertThat(measured.micros().map(ClusterResult.Micros::p50).orElse(1.0))
                    .as("%s", row)
                    .isPositive();
            assertThat(measured.micros().isPresent()).isEqualTo(!row.operation().isStream());
        }
    }

    @Test
    @Tag("long")
    void allRowsAreMeasuredOverPlainConnections() throws Exception {
        ClusterResult.Connections plain = run(Security.PLAIN, EnumSet.allOf(Part.class));
        assertThat(plain.rows())
                .extracting(ClusterResult.Row::operation)
                .containsExactly(
                        Operation.UNICAST,
                        Operation.BROADCAST,
                        Operation.BROADCAST,
                        Operation.PUBLISH,
                        Operation.ECHO,
                        Operation.CALL,
                        Operation.PING);
        assertThat(plain.rows()).allSatisfy(ClusterRunTests::assertMeasured);
        ClusterResult.Idle idle = plain.idle().orElseThrow();
        assertThat(Stream.of(idle.heliodor(), idle.jgroups()))
                .allSatisfy(node -> assertThat(node.residentBytes()).isPositive());
    }

    @Test
    @Tag("long")
    void bothKindsOfNodesUseTls() throws Exception {
        ClusterResult.Connections tls = run(Security.TLS, EnumSet.of(Part.UNICAST));
        assertThat(tls.rows()).singleElement().satisfies(ClusterRunTests::assertMeasured);
        assertThat(tls.idle()).isEmpty();
    }

    @Test
    void aNodeThatDoesNotStartFailsTheRun() {
        ClusterNodes.Start wrong = new ClusterNodes.Start(2, 200, List.of("-Xmx1k"), Optional.empty());
        assertThatThrownBy(() -> ClusterNodes.start(ClusterNodes.Kind.JGROUPS, wrong))
                .isInstanceOf(RunFailed.class)
                .hasMessageContaining("node 0 of jgroups");
    }
}
