package io.heliodor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.type.text.EscapedException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The log about what user code throws, at a rate for each class. */
class FailureLogTests {
    private long now = Long.MIN_VALUE + 5;
    private final FailureLog log = new FailureLog(LoggerFactory.getLogger("io.heliodor.log"), () -> now);

    @SuppressWarnings("serial")
    private static final class UnreadableException extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("on purpose");
        }
    }

    @BeforeEach
    void clear() {
        RecordedLog.clear();
    }

    private void fails(Throwable thrown, int times) {
        for (int i = 0; i < times; i++) {
            log.error("The hat", thrown, () -> "does not fit.");
        }
    }

    private static int lines() {
        return RecordedLog.lines(Level.ERROR, "The hat does not fit.").size();
    }

    @Test
    void aFrequentFailureDoesNotHideARareOne() {
        fails(new IllegalStateException(), 1_000);
        assertThat(lines()).isEqualTo(20);
        fails(new IllegalArgumentException(), 1);
        assertThat(lines()).isEqualTo(21);
        now += TimeUnit.SECONDS.toNanos(1);
        fails(new IllegalStateException(), 1);
        assertThat(lines()).isEqualTo(22);
        assertThat(RecordedLog.linesAbout("980 more lines about failures with java.lang.IllegalStateException"))
                .hasSize(1);
    }

    @Test
    void theMessageOfAnExceptionForgesNoLine() {
        Throwable plain = new IllegalStateException("a hat", new IllegalArgumentException("a band"));
        assertThat(EscapedException.of(plain)).isSameAs(plain);
        Throwable forged = new IllegalStateException("a\n2026 INFO hat", new IllegalArgumentException("a\rband"));
        forged.addSuppressed(new IllegalCallerException("\u202ea"));
        Throwable logged = EscapedException.of(forged);
        assertThat(logged)
                .hasMessage("java.lang.IllegalStateException: a\\u000a2026 INFO hat")
                .hasRootCauseMessage("java.lang.IllegalArgumentException: a\\u000dband");
        assertThat(logged.getSuppressed()[0]).hasMessage("java.lang.IllegalCallerException: \\u202ea");
        assertThat(logged.getStackTrace()).isEqualTo(forged.getStackTrace());
        fails(forged, 1);
        assertThat(RecordedLog.lines().toString()).contains("\\u000a2026").doesNotContain("\n2026");
    }

    @Test
    void theMessageOfAnExceptionDoesNotFillTheLog() {
        Throwable large = new IllegalStateException(new NumberFormatException("x".repeat(1_000_000)));
        IntStream.range(0, 100_000).forEach(i -> large.addSuppressed(new IllegalCallerException("hat " + i)));
        Throwable logged = EscapedException.of(large);
        assertThat(logged.getMessage()).hasSizeBetween(1_000, 1_030).endsWith("... (1000066 characters)");
        assertThat(logged)
                .cause()
                .message()
                .hasSizeBetween(1_000, 1_030)
                .startsWith("java.lang.NumberFormatException: xxx")
                .endsWith("... (1000033 characters)");
        assertThat(logged.getSuppressed()).hasSize(48);
        assertThat(EscapedException.of(new IllegalStateException("x".repeat(1_000_000))))
                .message()
                .hasSizeBetween(1_000, 1_080);
    }

    @Test
    void aFailureThatCannotBeLoggedIsNamedByItsClassAtARate() {
        for (int i = 0; i < 100; i++) {
            var thrown = new UnreadableException();
            log.error("The hat", thrown, () -> "does not fit: " + thrown.getMessage());
        }
        assertThat(RecordedLog.lines(Level.ERROR, "The hat failed with " + UnreadableException.class.getName()))
                .hasSizeBetween(1, 20)
                .allSatisfy(line -> assertThat(line.text()).contains(IllegalStateException.class.getName()));
    }

    @Test
    void aLogThatFailsReachesNobody() {
        RecordedLog.failsOn("hat", new NoClassDefFoundError("on purpose"));
        fails(new IllegalStateException(), 1);
        assertThat(RecordedLog.lines()).isEmpty();
    }
}
