package io.heliodor.session.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StolenTimeTests {
    private static final long AGE = TimeUnit.MILLISECONDS.toNanos(100);

    private long total = 5_000;
    private long now;
    private final StolenTime stolen = new StolenTime(() -> total, () -> now);

    @Test
    void whatWasStolenBeforeTheFirstQuestionDoesNotCount() {
        assertThat(stolen.sinceLast()).isZero();
        total += 70;
        assertThat(stolen.sinceLast()).isEqualTo(70);
        assertThat(stolen.sinceLast()).isZero();
    }

    @Test
    void itIsForgottenWhenTheLastQuestionIsLongAgo() {
        long _ = stolen.sinceLast();
        total += 70;
        now += AGE;
        stolen.forget();
        assertThat(stolen.sinceLast()).as("of the last 100 ms").isEqualTo(70);
        total += 70;
        now += AGE + 1;
        stolen.forget();
        assertThat(stolen.sinceLast()).isZero();
    }

    @Test
    void theTotalOfAThreadDoesNotDecrease() {
        long before = StolenTime.total();
        assertThat(before).isNotNegative();
        assertThat(StolenTime.total()).isGreaterThanOrEqualTo(before);
    }
}
