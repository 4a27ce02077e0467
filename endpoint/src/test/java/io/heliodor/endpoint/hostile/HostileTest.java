package io.heliodor.endpoint.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.HealthyClient;
import io.heliodor.endpoint.Live;
import io.heliodor.endpoint.LiveTest;
import io.heliodor.endpoint.RawClient;
import io.heliodor.endpoint.Transport;
import io.heliodor.fixtures.RecordedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.Level;

/**
 * Rows of hostile input, each by itself on a server of its own. The outcome is that of the row, and every echo of a
 * healthy client is answered meanwhile. Each refusal is counted by its reason, and no text of a client is in the log.
 * Afterwards connections, channels, topics, buffers, file descriptors and threads are as before.
 *
 * <p>A subclass has the rows of one section, as {@code static List<Row> rows()}.
 */
abstract class HostileTest extends LiveTest {
    private static final List<String> OTHER_REFUSALS =
            List.of("frames_malformed", "joins_refused", "channels_failed", "payloads_invalid", "accepts_failed");

    /** Resources that a JVM opens once, at the first use, are not a leak. */
    @BeforeAll
    static void useEverythingOnce() {
        try (Live live = Live.start(Transport.NIO);
                RawClient client = RawClient.open(live.endpoint)) {
            new HealthyClient(live.endpoint).stop();
            client.joins("room:a").resets();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void theOutcomeIsThatOfThePage(Row row) {
        if (!row.run()) {
            Reliability.isShown(row);
            return;
        }
        Live live = start(row.server());
        HealthyClient healthy = closing(new HealthyClient(live.endpoint));
        Footprint before = Footprint.now();

        for (int i = 0; i < row.times(); i++) {
            try (Target target = new Target(live, i)) {
                assertThat(row.attack().on(target))
                        .as("outcome of the %d. time", i + 1)
                        .isEqualTo(row.outcome());
            }
        }

        before.comesBack(live);
        Reliability.took(getClass(), row, transport, healthy.stop());
        isCounted(row, live);
        isLogged(row);
    }

    private static boolean isRefusal(String counter) {
        return counter.startsWith("refused_")
                || (counter.startsWith("closed_") && !counter.equals("closed_client"))
                || OTHER_REFUSALS.contains(counter);
    }

    private static void isCounted(Row row, Live live) {
        Live.eventually().untilAsserted(() -> {
            Map<String, Long> counted = live.counters().entrySet().stream()
                    .filter(count -> isRefusal(count.getKey()) && count.getValue() > 0)
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Long::sum, TreeMap::new));
            assertThat(counted)
                    .as("counted refusals")
                    .containsOnlyKeys(row.counted().keySet());
            row.counted().forEach((name, each) -> {
                if (each > 0) {
                    assertThat(counted.get(name)).as(name).isEqualTo((long) each * row.times());
                } else {
                    assertThat(counted.get(name)).as(name).isGreaterThanOrEqualTo((long) -each * row.times());
                }
            });
        });
    }

    /** The counters of closes for a fault of the client, each of which is logged. */
    private static final Set<String> LOGGED_CLOSES =
            Set.of("closed_too_large", "closed_protocol", "closed_malformed", "closed_pings", "closed_rate");

    private static final String CLOSED = "is closed with ";

    private static void isLogged(Row row) {
        List<RecordedLog.Line> lines = RecordedLog.lines().stream()
                .filter(line -> line.level().toInt() > Level.DEBUG.toInt())
                .filter(line -> !line.text().startsWith("The endpoint listens"))
                .filter(line -> !line.logger().equals("io.heliodor.audit")) // AuditTests
                .toList();
        List<String> expected = new ArrayList<>(row.logged());
        List<String> permitted = new ArrayList<>(row.logged());
        if (row.counted().keySet().stream().anyMatch(LOGGED_CLOSES::contains)) {
            expected.add(CLOSED);
            permitted.addAll(List.of(CLOSED, "more lines about closed connections"));
        }
        assertThat(lines)
                .as("lines above debug")
                .allMatch(
                        line -> permitted.stream().anyMatch(part -> line.text().contains(part)));
        assertThat(expected)
                .as("lines of the log")
                .allMatch(part -> lines.stream().anyMatch(line -> line.text().contains(part)));
        assertThat(RecordedLog.lines())
                .filteredOn(line -> lines.contains(line) || line.logger().equals("io.heliodor.audit"))
                .noneMatch(line -> line.text().contains(Target.SECRET));
    }
}
