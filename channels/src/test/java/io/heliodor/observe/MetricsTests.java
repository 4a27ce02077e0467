package io.heliodor.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricsTests {
    private final AtomicLong open = new AtomicLong(2);
    private final Metrics metrics = new Metrics(List.of(
            metric("heliodor.connections", Optional.empty(), open),
            metric("heliodor.connections.closed", Optional.of("slow"), new AtomicLong(3)),
            metric("heliodor.connections.closed", Optional.of("idle"), new AtomicLong(4)),
            metric("heliodor.channels", Optional.empty(), new AtomicLong())));

    private static Metric metric(String name, Optional<String> reason, AtomicLong value) {
        return new Metric(name, reason, Metric.Kind.GAUGE, "", "A number.", value::get);
    }

    @Test
    void aNumberIsReadAtTheTimeOfTheCall() {
        assertThat(metrics.value("heliodor.connections")).isEqualTo(2);
        open.set(5);
        assertThat(metrics.value("heliodor.connections")).isEqualTo(5);
    }

    @Test
    void aNumberWithReasonsIsReadByReasonOrInAll() {
        assertThat(metrics.value("heliodor.connections.closed", "slow")).isEqualTo(3);
        assertThat(metrics.value("heliodor.connections.closed")).isEqualTo(7);
    }

    @Test
    void anUnknownNameIsRefusedWithAllNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> metrics.value("connections"))
                .withMessage(
                        "No metric is named 'connections'; the names are: heliodor.channels, heliodor.connections, "
                                + "heliodor.connections.closed idle, heliodor.connections.closed slow.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> metrics.value("heliodor.connections", "slow"))
                .withMessageStartingWith("No metric is named 'heliodor.connections slow'");
    }

    @Test
    void theTextContainsTheMetricsThatAreNotZero() {
        assertThat(metrics)
                .hasToString("Metrics[heliodor.connections=2, heliodor.connections.closed slow=3, "
                        + "heliodor.connections.closed idle=4]");
    }
}
