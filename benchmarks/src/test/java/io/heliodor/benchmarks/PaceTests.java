package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTests {
    @Test
    void messagesAreSpreadEvenly() {
        Pace pace = new Pace(4, 1_000);
        assertThat(pace.next()).isEqualTo(1_000);
        pace.advance();
        assertThat(pace.next()).isEqualTo(250_001_000);
        pace.advance();
        assertThat(pace.next()).isEqualTo(500_001_000);
    }

    @Test
    void aRateThatDividesNoSecondDoesNotDrift() {
        Pace pace = new Pace(3, 0);
        for (int i = 0; i < 300_000; i++) {
            pace.advance();
        }
        assertThat(pace.next()).isBetween(99_999_999_999_000L, 100_000_000_001_000L);
    }

    @Test
    void messagesThatAreDueAndNotSentAreBehind() {
        Pace pace = new Pace(1_000, 0);
        assertThat(pace.behind(-1)).isZero();
        assertThat(pace.behind(0)).isEqualTo(1);
        assertThat(pace.behind(10_500_000)).isEqualTo(11);
        pace.advance();
        assertThat(pace.behind(10_500_000)).isEqualTo(10);
    }
}
