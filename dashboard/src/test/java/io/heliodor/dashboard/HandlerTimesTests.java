package io.heliodor.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.HandlerName;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The window of ten seconds in which calls are counted. */
@Timeout(60)
class HandlerTimesTests {
    private static final HandlerName SAID = new HandlerName("room:*", HandlerName.Kind.EVENT, "said");

    private final AtomicLong clock = new AtomicLong();
    private final PubSub pubsub = PubSub.local();
    private final HandlerTimes times = new HandlerTimes(pubsub, clock::get);

    @AfterEach
    void close() {
        times.close();
        pubsub.close();
    }

    private void call(int calls) {
        for (int i = 0; i < calls; i++) {
            times.handled(SAID, HandlerObserver.Result.OK, Duration.ofNanos(3_000));
        }
    }

    private void later(int seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void callsAreCountedSinceTheOldestReadingOfTenSeconds() {
        call(9);
        assertThat(times.read().handlers()).as("the first reading").isEmpty();
        call(100);
        later(1);
        HandlerReport second = times.read();
        assertThat(second.millis()).isEqualTo(1_000);
        assertThat(second.handlers()).singleElement().satisfies(said -> {
            assertThat(said.calls()).isEqualTo(100);
            assertThat(said.buckets()).containsExactly(0L, 0L, 100L);
        });
        call(1);
        later(9);
        assertThat(times.read().handlers())
                .singleElement()
                .extracting(HandlerTime::calls)
                .isEqualTo(101L);
        later(1);
        HandlerReport without = times.read();
        assertThat(without.millis()).isEqualTo(10_000);
        assertThat(without.handlers())
                .singleElement()
                .extracting(HandlerTime::calls)
                .isEqualTo(1L);
        later(10);
        assertThat(times.read().handlers()).isEmpty();
    }

    @Test
    void aPageThatWasHiddenBeginsAnew() {
        times.read();
        call(5);
        later(11);
        assertThat(times.read()).isEqualTo(new HandlerReport(0, List.of()));
    }
}
