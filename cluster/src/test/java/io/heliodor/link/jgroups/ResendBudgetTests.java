package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ResendBudgetTests {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private long now = 7 * SECOND;
    private final ResendBudget budget = new ResendBudget(now);

    @Test
    void aBurstIsTakenAtOnceAndComesBackSlowly() {
        assertThat(budget.take(32 << 10, now)).isTrue();
        assertThat(budget.take(32 << 10, now)).isTrue();
        assertThat(budget.take(1, now)).isFalse();
        now += SECOND;
        assertThat(budget.take(4 << 10, now)).isTrue();
        assertThat(budget.take(1, now)).isFalse();
    }

    @Test
    void theBucketDoesNotGrowBeyondTheBurst() {
        now += 3_600 * SECOND;
        assertThat(budget.take(ResendBudget.BURST, now)).isTrue();
        assertThat(budget.take(1, now)).isFalse();
    }

    @Test
    void aLargerPacketNeedsAFullBucketAndIsPaidForLater() {
        assertThat(budget.take(4 * ResendBudget.BURST, now)).isTrue();
        now += 48 * SECOND;
        assertThat(budget.take(1, now)).isFalse();
        now += SECOND;
        assertThat(budget.take(1, now)).isTrue();
    }
}
