package io.heliodor.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateTests {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void aTimeOutOfRangeIsRefused() {
        for (Duration bad : List.of(
                Duration.ZERO, Duration.ofNanos(999_999), Duration.ofDays(1).plusNanos(1), Duration.ofSeconds(-1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Rate.of(1, bad))
                    .withMessage("The time of a Rate is %s; it must be 1 ms to 1 day.", bad);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rate.of(1, Duration.ofDays(1)).burst(366))
                .withMessage(
                        "A burst of 366 takes more than 365 days to come back at 1 in PT24H; choose a smaller one.");
    }

    @Test
    void theBurstIsTheNumberInTheTimeUnlessAnotherIsGiven() {
        assertThat(Rate.perSecond(10)).isEqualTo(new Rate(10, SECOND, 10));
        assertThat(Rate.perSecond(10).burst(20)).isEqualTo(new Rate(10, SECOND, 20));
        assertThat(Rate.perSecond(1_000_000).burst(1)).isEqualTo(new Rate(1_000_000, SECOND, 1));
        assertThat(Rate.of(100, Duration.ofHours(1))).isEqualTo(new Rate(100, Duration.ofHours(1), 100));
        assertThat(Rate.of(1, Duration.ofDays(1)).burst(365).burst()).isEqualTo(365);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_001, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aNumberOutOfRangeIsRefused(int number) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rate.perSecond(number))
                .withMessage("The number of events of a Rate is %d; it must be 1 to 1000000.", number);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rate.perSecond(1).burst(number))
                .withMessage("The burst of a Rate is %d; it must be 1 to 1000000.", number);
    }
}
