package io.heliodor.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BodyDeadlineTests {
    private static final long SECOND = 1_000_000_000L;
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** Near the overflow of the clock, which counts from an arbitrary time. */
    private final long begun = Long.MAX_VALUE - 5 * SECOND;

    private final BodyDeadline deadline = new BodyDeadline(TIMEOUT, begun);

    private long secondsLeft(long after) {
        return Math.floorDiv(deadline.left(begun + after * SECOND), SECOND);
    }

    @Test
    void theFirstByteHasTheTimeout() {
        assertThat(secondsLeft(0)).isEqualTo(20);
        assertThat(secondsLeft(20)).isZero();
    }

    @Test
    void bytesThatCameFastPermitNoLongerSilence() {
        deadline.arrived(7_990_000, begun + SECOND);
        assertThat(secondsLeft(1)).isEqualTo(20);
        assertThat(secondsLeft(21)).isZero();
    }

    @Test
    void aBodyMayTakeASecondForEachKib() {
        for (int second = 1; second <= 8_000; second++) {
            deadline.arrived(1 << 10, begun + second * SECOND);
            assertThat(secondsLeft(second)).isBetween(19L, 20L);
        }
    }

    @Test
    void bytesThatTrickleDoNotMoveItAfterAFastPart() {
        deadline.arrived(7_990_000, begun);
        for (int second = 1; second <= 20; second++) {
            deadline.arrived(1, begun + second * SECOND);
        }
        assertThat(secondsLeft(20)).isZero();
        assertThat(secondsLeft(21)).isNegative();
    }
}
