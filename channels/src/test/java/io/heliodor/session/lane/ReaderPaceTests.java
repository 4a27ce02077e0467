package io.heliodor.session.lane;

import static io.heliodor.session.lane.ReaderPace.Verdict.READS;
import static io.heliodor.session.lane.ReaderPace.Verdict.STALLED;
import static io.heliodor.session.lane.ReaderPace.Verdict.TOO_SLOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The rules for readers, with a stall timeout of 10 s. */
class ReaderPaceTests {
    private static final long MUCH = ReaderPace.SLOW_BYTES;
    private static final long LITTLE = MUCH - 1;
    private static final long MIN_BYTES_IN_5_S = 5 * ReaderPace.MIN_BYTES_PER_SECOND;

    private final ReaderPace pace = new ReaderPace(TimeUnit.SECONDS.toNanos(10), seconds(100), 0);

    private static long seconds(double seconds) {
        return (long) (seconds * 1e9);
    }

    private ReaderPace.Verdict at(double second, long waiting, long taken) {
        return pace.judge(seconds(100 + second), waiting, taken, taken);
    }

    @Test
    void aSocketThatTakesNothingIsStalledAfterTheTimeout() {
        assertThat(at(9.999, 1, 0)).isEqualTo(READS);
        assertThat(at(10, 1, 0)).isEqualTo(STALLED);
    }

    @Test
    void eachByteStartsTheStallTimeoutAnew() {
        for (int i = 1; i < 10; i++) {
            assertThat(at(9 * i, LITTLE, i)).isEqualTo(READS);
        }
        assertThat(at(91, LITTLE, 9)).isEqualTo(STALLED);
    }

    @Test
    void aSocketBelowTheLeastRateIsTooSlowAfterHalfTheTimeoutWhileMuchWaits() {
        assertThat(at(0, MUCH, 0)).isEqualTo(READS);
        assertThat(at(4.999, MUCH, 1)).isEqualTo(READS);
        assertThat(at(5, MUCH, MIN_BYTES_IN_5_S - 1)).isEqualTo(TOO_SLOW);
    }

    @Test
    void aSocketAtTheLeastRateIsNeverTooSlowHoweverMuchWaits() {
        for (int window = 0; window < 20; window++) {
            assertThat(at(5 * window, 100 * MUCH, window * MIN_BYTES_IN_5_S)).isEqualTo(READS);
        }
        assertThat(at(100, 100 * MUCH, 20 * MIN_BYTES_IN_5_S - 1)).isEqualTo(TOO_SLOW);
    }

    @Test
    void theRateHoldsForALongerIntervalToo() {
        assertThat(at(0, MUCH, 0)).isEqualTo(READS);
        assertThat(at(9, MUCH, MIN_BYTES_IN_5_S)).isEqualTo(TOO_SLOW);
    }

    @Test
    void aMomentWithLessWaitingStartsTheWindowAnew() {
        assertThat(at(0, MUCH, 0)).isEqualTo(READS);
        assertThat(at(4, LITTLE, 1)).isEqualTo(READS);
        assertThat(at(5, MUCH, 2)).isEqualTo(READS);
        assertThat(at(9.999, MUCH, 3)).isEqualTo(READS);
        assertThat(at(10, MUCH, 4)).isEqualTo(TOO_SLOW);
    }

    @Test
    void noRateIsRequiredOfASocketForWhichLittleWaits() {
        for (int second = 0; second < 1_000; second++) {
            assertThat(at(second, LITTLE, second)).isEqualTo(READS);
        }
    }
}
