package io.heliodor.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WhileReadTests {
    private static final long IDLE = Duration.ofSeconds(10).toNanos();

    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final List<String> sources = new ArrayList<>(List.of("a"));
    private final WhileRead<String> reading = new WhileRead<>(
            () -> List.copyOf(sources),
            source -> {
                if (source.isEmpty()) {
                    throw new IllegalStateException("not opened");
                }
                opened.incrementAndGet();
                return closed::incrementAndGet;
            },
            ended::incrementAndGet,
            clock::get);

    @AfterEach
    void close() {
        reading.close();
    }

    private void awaitEnds(int times) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(ended).hasValue(times));
        assertThat(closed).hasValue(times);
    }

    @Test
    void nothingIsOpenBeforeTheFirstReading() {
        assertThat(opened).hasValue(0);
        reading.close();
        assertThat(ended).hasValue(0);
    }

    @Test
    void readingsShareTheSubscriptionsWhichEndTenSecondsAfterTheLastOne() {
        reading.read();
        clock.addAndGet(IDLE - 1);
        reading.read();
        clock.addAndGet(IDLE - 1);
        reading.read();
        assertThat(opened).hasValue(1);
        assertThat(closed).hasValue(0);
        clock.addAndGet(IDLE);
        awaitEnds(1);
    }

    @Test
    void aLaterReadingOpensThemAgain() {
        reading.read();
        clock.addAndGet(IDLE);
        awaitEnds(1);
        reading.read();
        assertThat(opened).hasValue(2);
        clock.addAndGet(IDLE);
        awaitEnds(2);
    }

    @Test
    void aSourceThatComesLaterIsOpenedAtTheNextReadingAndOneThatIsGoneIsClosed() {
        reading.read();
        sources.add("b");
        reading.read();
        assertThat(opened).hasValue(2);
        sources.removeFirst();
        reading.read();
        assertThat(opened).hasValue(2);
        assertThat(closed).hasValue(1);
    }

    @Test
    void aSourceThatFailsLeavesNoneOpenAtTheEnd() {
        sources.add("");
        assertThatThrownBy(reading::read).isInstanceOf(IllegalStateException.class);
        assertThat(opened).hasValue(1);
        clock.addAndGet(IDLE);
        awaitEnds(1);
    }

    @Test
    void nothingIsOpenedAfterAClose() {
        reading.read();
        reading.close();
        reading.read();
        assertThat(opened).hasValue(1);
        assertThat(closed).hasValue(1);
        assertThat(ended).hasValue(1);
    }
}
