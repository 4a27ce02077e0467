package io.heliodor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A log with a limit for lines that clients can cause. */
class BoundedLogTests {
    private long now = Long.MAX_VALUE - 5; // a monotonic clock may overflow
    private final BoundedLog log = new BoundedLog(LoggerFactory.getLogger("io.heliodor.session"), "hats", () -> now);

    @BeforeEach
    void clear() {
        RecordedLog.clear();
    }

    private void logs(int times) {
        for (int i = 0; i < times; i++) {
            log.warn("A hat of size {}.", i);
        }
    }

    private static long lines(String text) {
        return RecordedLog.linesAbout(text).size();
    }

    @Test
    void someLinesAreWrittenAtOnceAndThenOneASecond() {
        logs(1_000);
        assertThat(lines("A hat of size")).isEqualTo(20);
        assertThat(lines("left out")).isZero();
        now += TimeUnit.SECONDS.toNanos(1);
        logs(5);
        assertThat(lines("A hat of size")).isEqualTo(21);
        assertThat(RecordedLog.linesAbout("left out"))
                .singleElement()
                .asString()
                .contains("980 more lines about hats were left out before this one.");
        now += TimeUnit.SECONDS.toNanos(1);
        logs(1);
        assertThat(lines("4 more lines about hats")).isOne();
    }

    @Test
    void rareLinesAreAllWritten() {
        for (int i = 0; i < 100; i++) {
            logs(1);
            now += TimeUnit.SECONDS.toNanos(1);
        }
        assertThat(lines("A hat of size")).isEqualTo(100);
        assertThat(lines("left out")).isZero();
    }
}
