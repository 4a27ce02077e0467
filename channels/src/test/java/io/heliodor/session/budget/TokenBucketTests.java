package io.heliodor.session.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.limit.Rate;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTests {
    private static final long SECOND = 1_000_000_000;

    @Test
    void eachPromiseIsOfATokenOfItsOwn() {
        var bucket = new TokenBucket(2, 10, 0);
        takeAll(bucket, 0);
        assertThat(bucket.promise(0)).isEqualTo(SECOND / 10);
        assertThat(bucket.promise(0)).isEqualTo(2 * SECOND / 10);
        assertThat(bucket.promise(SECOND / 20)).isEqualTo(3 * SECOND / 10 - SECOND / 20);
        for (int i = 1; i <= 3; i++) {
            assertThat(bucket.take(i * SECOND / 10)).isTrue();
        }
        assertThat(bucket.take(3 * SECOND / 10)).isFalse();
    }

    @Test
    void promisesOfThePastDoNotCount() {
        var bucket = new TokenBucket(1, 10, 0);
        takeAll(bucket, 0);
        for (int i = 0; i < 5; i++) {
            bucket.promise(0);
        }
        assertThat(takeAll(bucket, SECOND)).isEqualTo(1);
        assertThat(bucket.promise(SECOND)).isEqualTo(SECOND / 10);
    }

    @Test
    void promisesHaveALimit() {
        var bucket = new TokenBucket(1, 10, 0);
        takeAll(bucket, 0);
        for (int i = 0; i < 5_000; i++) {
            assertThat(bucket.promise(0)).isBetween(SECOND / 10, 100 * SECOND);
        }
    }

    private static int takeAll(TokenBucket bucket, long now) {
        int taken = 0;
        while (taken < 1_000 && bucket.take(now)) {
            taken++;
        }
        return taken;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, Long.MIN_VALUE, Long.MAX_VALUE, -SECOND})
    void aBucketIsFullAtFirstAtAnyTimeOfTheClock(long now) {
        assertThat(takeAll(new TokenBucket(5, 1, now), now)).isEqualTo(5);
    }

    @Test
    void tokensComeBackEvenly() {
        var bucket = new TokenBucket(5, 10, 0);
        assertThat(takeAll(bucket, 0)).isEqualTo(5);
        assertThat(bucket.take(SECOND / 10 - 1)).isFalse();
        assertThat(bucket.take(SECOND / 10)).isTrue();
        assertThat(bucket.take(SECOND / 10)).isFalse();
        assertThat(takeAll(bucket, SECOND / 10 * 4)).isEqualTo(3);
    }

    @Test
    void noMoreThanABucketFullIsSavedUp() {
        var bucket = new TokenBucket(5, 10, 0);
        assertThat(takeAll(bucket, 1_000_000 * SECOND)).isEqualTo(5);
        assertThat(takeAll(bucket, 1_000_000 * SECOND + SECOND / 10)).isEqualTo(1);
    }

    @Test
    void aRefusalCostsNothing() {
        var bucket = new TokenBucket(1, 1, 0);
        assertThat(bucket.take(0)).isTrue();
        for (int i = 1; i < 100; i++) {
            assertThat(bucket.take(i * (SECOND / 100))).isFalse();
        }
        assertThat(bucket.take(SECOND)).isTrue();
    }

    @Test
    void anEmptyBucketReturnsTheTimeToTheNextToken() {
        var bucket = new TokenBucket(Rate.perSecond(10).burst(2), 0);
        assertThat(bucket.nextIn(0)).isZero();
        assertThat(takeAll(bucket, 0)).isEqualTo(2);
        assertThat(bucket.nextIn(0)).isEqualTo(SECOND / 10);
        assertThat(bucket.nextIn(SECOND / 40)).isEqualTo(SECOND / 10 - SECOND / 40);
        assertThat(bucket.nextIn(SECOND / 10 - 1)).isEqualTo(1);
        assertThat(bucket.nextIn(SECOND / 10)).isZero();
        assertThat(bucket.take(SECOND / 10)).isTrue();
        assertThat(bucket.nextIn(SECOND / 10)).isEqualTo(SECOND / 10);
    }

    @Test
    void aTokenMayTakeHours() {
        var bucket = new TokenBucket(Rate.of(2, Duration.ofHours(1)).burst(3), 0);
        assertThat(bucket.isFull(0)).isTrue();
        assertThat(takeAll(bucket, 0)).isEqualTo(3);
        assertThat(bucket.nextIn(0)).isEqualTo(1_800 * SECOND);
        assertThat(bucket.take(1_800 * SECOND - 1)).isFalse();
        assertThat(bucket.take(1_800 * SECOND)).isTrue();
        assertThat(bucket.isFull(3 * 1_800 * SECOND)).isFalse();
        assertThat(bucket.isFull(4 * 1_800 * SECOND)).isTrue();
        var slowest = new TokenBucket(Rate.of(1, Duration.ofDays(1)).burst(365), 0);
        assertThat(takeAll(slowest, 0)).isEqualTo(365);
        assertThat(takeAll(slowest, Long.MAX_VALUE)).isEqualTo(365);
    }

    @Test
    void anEarlierTimeTakesNothingBack() {
        var bucket = new TokenBucket(2, 1, 0);
        assertThat(bucket.take(SECOND)).isTrue();
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(0)).isFalse();
        assertThat(bucket.nextIn(SECOND)).isEqualTo(SECOND);
    }

    @Test
    void theClockMayOverflow() {
        long now = Long.MAX_VALUE - SECOND / 2;
        var bucket = new TokenBucket(2, 1, now);
        assertThat(takeAll(bucket, now)).isEqualTo(2);
        assertThat(takeAll(bucket, now + SECOND)).isEqualTo(1);
    }

    @Test
    void inAnyStretchOfTimeNoMoreIsTakenThanTheBurstAndTheRateAllow() {
        var random = new Random(3);
        for (int round = 0; round < 200; round++) {
            int burst = 1 + random.nextInt(20);
            int rate = 1 + random.nextInt(100);
            var bucket = new TokenBucket(burst, rate, 0);
            long now = 0;
            int taken = 0;
            for (int step = 0; step < 200; step++) {
                now += random.nextLong(SECOND / 10);
                taken += takeAll(bucket, now);
                assertThat((double) taken).isLessThanOrEqualTo(burst + (double) now * rate / SECOND + 1e-3);
            }
            assertThat((double) taken).isGreaterThan((double) now * rate / SECOND / 100 - 1);
        }
    }

    @Test
    void aBucketWithoutTokensOrWithoutARateIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenBucket(0, 1, 0))
                .withMessage("burst is 0; it must be at least 1.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenBucket(1, 0, 0))
                .withMessage("perSecond is 0; it must be 1 to 1000000000.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenBucket(1, 1_000_000_001, 0))
                .withMessage("perSecond is 1000000001; it must be 1 to 1000000000.");
        assertThat(new TokenBucket(1, 1_000_000_000, 0).take(0)).isTrue();
    }
}
