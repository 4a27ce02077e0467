package io.heliodor.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.node.Node;
import io.heliodor.node.Statistic;
import io.heliodor.process.Pid;
import io.heliodor.testkit.ClusterKit;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class NodeMetricsTests {
    private record Text(String text) {}

    @AutoClose
    private final ClusterKit cluster = ClusterKit.start("a@host", "b@host");

    private final Node node = cluster.node("a@host");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private static String meter(Statistic statistic) {
        return "heliodor.node." + statistic.name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    @Test
    void eachStatisticIsAMeter() {
        NodeMetrics.of(node).bindTo(registry);
        assertThat(registry.getMeters())
                .filteredOn(meter -> meter.getId().getTag("peer") == null)
                .extracting(meter -> meter.getId().getName())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Statistic.values())
                        .map(NodeMetricsTests::meter)
                        .toList());
        assertThat(Statistic.values()).allSatisfy(statistic -> {
            Meter.Id id = registry.get(meter(statistic)).meter().getId();
            assertThat(id.getType().name()).isEqualTo(statistic.kind().name());
            assertThat(id.getDescription()).isEqualTo(statistic.description());
            assertThat(id.getBaseUnit()).isEqualTo(statistic.unit().isEmpty() ? null : statistic.unit());
            assertThat(id.getTags()).isEmpty();
        });
    }

    @Test
    void theLinkToEachMemberHasGaugesUntilItLeaves() {
        NodeMetrics.of(node, Tags.of("cluster", "tests")).bindTo(registry);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> registry.find("heliodor.node.link.round.trip")
                                .tags("peer", "b@host", "cluster", "tests")
                                .timeGauge()
                        != null);
        cluster.await(
                () -> registry.get("heliodor.node.link.round.trip").timeGauge().value() >= 0);
        assertThat(registry.get("heliodor.node.link.queued").gauge().value()).isNotNegative();
        cluster.node("b@host").close();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(registry.getMeters())
                        .noneMatch(meter -> meter.getId().getTag("peer") != null));
    }

    @Test
    void metersAreReadOnDemand() {
        NodeMetrics.of(node, Tags.of("cluster", "tests")).bindTo(registry);
        assertThat(registry.get("heliodor.node.members")
                        .tag("cluster", "tests")
                        .gauge()
                        .value())
                .isEqualTo(2);
        assertThat(registry.get("heliodor.node.no.process").functionCounter().count())
                .isZero();
        Pid<Text> pid = node.spawn(Text.class, inbox -> {});
        await().atMost(Duration.ofSeconds(20))
                .until(() -> registry.get("heliodor.node.processes").gauge().value() == 0);
        pid.send(new Text("too late"));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> registry.get("heliodor.node.no.process")
                                .functionCounter()
                                .count()
                        == 1);
    }
}
