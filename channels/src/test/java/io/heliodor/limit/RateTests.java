package io.heliodor.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateTests {
    @Test
    void theBurstIsWhatComesInASecondUnlessAnotherIsGiven() {
        assertThat(Rate.perSecond(10)).isEqualTo(new Rate(10, 10));
        assertThat(Rate.perSecond(10).burst(20)).isEqualTo(new Rate(10, 20));
        assertThat(Rate.perSecond(1_000_000).burst(1)).isEqualTo(new Rate(1_000_000, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_001, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aNumberOutOfRangeIsRefused(int number) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rate.perSecond(number))
                .withMessage("perSecond is %d; it must be 1 to 1000000.", number);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rate.perSecond(1).burst(number))
                .withMessage("burst is %d; it must be 1 to 1000000.", number);
    }
}
