package io.heliodor.session.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The rules by which a handler moves between the pool and the loops. */
class PromotionTests {
    private static final long SHORT = Promotion.LONG_STAY_NANOS;
    private static final long LONG = Promotion.LONG_STAY_NANOS + 1;

    private final Promotion promotion = new Promotion(64);
    private long now = TimeUnit.HOURS.toNanos(1);

    private void run(long nanos, int times) {
        for (int i = 0; i < times; i++) {
            now += nanos;
            promotion.returned(nanos, now);
        }
    }

    @Test
    void aHandlerIsPromotedWhenItHasReturnedInTimeOftenEnough() {
        run(SHORT, 63);
        assertThat(promotion.isPromoted()).isFalse();
        run(SHORT, 1);
        assertThat(promotion.isPromoted()).isTrue();
    }

    @Test
    void aProbationOutOfRangeIsTheNearestOne() {
        assertThat(Promotion.inRange(0)).isEqualTo(1);
        assertThat(Promotion.inRange(-5)).isEqualTo(1);
        assertThat(Promotion.inRange(64)).isEqualTo(64);
        assertThat(Promotion.inRange(Integer.MAX_VALUE)).isEqualTo(Promotion.MAX_PROBATION);
    }

    @Test
    void aLongRunCountsAsManyShortOnesLess() {
        run(SHORT, 63);
        run(LONG, 1);
        run(SHORT, 63);
        assertThat(promotion.isPromoted()).isFalse();
        run(SHORT, 1);
        assertThat(promotion.isPromoted()).isTrue();
    }

    @Test
    void aHandlerThatIsLongEachTimeStaysInThePool() {
        run(LONG, 10_000);
        assertThat(promotion.isPromoted()).isFalse();
        run(SHORT, 64);
        assertThat(promotion.isPromoted()).isTrue();
    }

    @Test
    void theFirstLongStaySendsAHandlerBackAndTheNextProbationIsTwiceAsLong() {
        run(SHORT, 64);
        assertThat(promotion.goBack(now)).isTrue();
        assertThat(promotion.isPromoted()).isFalse();
        assertThat(promotion.goBack(now)).as("it is back already").isFalse();
        run(SHORT, 127);
        assertThat(promotion.isPromoted()).isFalse();
        run(SHORT, 1);
        assertThat(promotion.isPromoted()).isTrue();
    }

    @Test
    void aLongRunDuringALongProbationDoesNotBeginItAnew() {
        run(SHORT, 64);
        promotion.goBack(now);
        run(SHORT, 127);
        run(LONG, 1);
        run(SHORT, 65);
        assertThat(promotion.isPromoted()).isTrue();
    }

    @Test
    void aProbationHasAMaximum() {
        for (int i = 0; i < 20; i++) {
            run(SHORT, promotion.probation());
            assertThat(promotion.goBack(now)).isTrue();
        }
        assertThat(promotion.probation()).isEqualTo(65_536);
    }

    @Test
    void afterAMinuteOnLoopsTheNextProbationIsTheFirstOneAgain() {
        run(SHORT, 64);
        promotion.goBack(now);
        run(SHORT, 128);
        now += TimeUnit.SECONDS.toNanos(59);
        promotion.goBack(now);
        assertThat(promotion.probation()).isEqualTo(256);
        run(SHORT, 256);
        now += TimeUnit.SECONDS.toNanos(60);
        promotion.goBack(now);
        assertThat(promotion.probation()).isEqualTo(64);
    }
}
