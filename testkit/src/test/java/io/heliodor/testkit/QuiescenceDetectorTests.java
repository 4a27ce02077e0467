package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long the clock of a kit waits for nodes that do not become idle. */
@Timeout(60)
class QuiescenceDetectorTests {
    private static final long STEP = Duration.ofMillis(100).toNanos();

    private final AtomicLong machine = new AtomicLong();

    /** The time for which it waits, if the JVM gets the processors for a share of the time of the machine, in percent. */
    private Duration waited(int share) {
        QuiescenceDetector detector =
                new QuiescenceDetector(() -> false, () -> machine.addAndGet(STEP), () -> machine.get() / 100 * share);
        long begin = machine.get();
        detector.await();
        return Duration.ofNanos(machine.get() - begin);
    }

    @Test
    void nodesThatUseTheProcessorsHaveTwoSeconds() {
        assertThat(waited(100)).isBetween(Duration.ofSeconds(2), Duration.ofMillis(2_300));
    }

    @Test
    void nodesThatGetLittleOfThemHaveLonger() {
        assertThat(waited(25)).isBetween(Duration.ofSeconds(8), Duration.ofMillis(8_300));
    }

    @Test
    void andNodesThatUseNoneHaveTenTimesAsLong() {
        assertThat(waited(0)).isBetween(Duration.ofSeconds(20), Duration.ofMillis(20_300));
    }
}
