package io.heliodor.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTests {
    @Test
    void theDelayDoublesUpToItsMaximumForever() {
        for (Duration first : new Duration[] {Duration.ofMillis(1), Duration.ofMinutes(1)}) {
            long max = Duration.ofHours(1).toNanos();
            Backoff backoff =
                    new Backoff(Timing.standard(30 * Driver.SECOND, first.toNanos(), max, 0), new SplittableRandom(1));
            long expected = first.toNanos();
            for (int attempt = 0; attempt < 100; attempt++) {
                assertThat(backoff.next(0)).as("attempt %d", attempt).isBetween(expected / 2 - 1, expected);
                expected = Math.min(max, expected * 2);
            }
            assertThat(backoff.next(Duration.ofSeconds(10).toNanos())).isLessThanOrEqualTo(first.toNanos());
        }
    }
}
