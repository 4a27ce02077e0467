package io.heliodor.session.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.history.Dot;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import org.junit.jupiter.api.Test;

class HistoriesTests {
    private final Counters counters = new Counters();
    private final Histories<?> histories = new Histories<>(1_000, 10, counters, () -> 0);

    @Test
    void aGapIsCountedAndLoggedWithItsTopicAndReason() {
        histories.missed("room:gap\n", new Dot(35, 17), "no node has them");
        assertThat(RecordedLog.linesAbout("room:gap"))
                .singleElement()
                .satisfies(line -> assertThat(line.text())
                        .isEqualTo(
                                "The history of 'room:gap\\u000a' lacks messages of another node, up to number 17 of its stream z: no"
                                        + " node has them. Its members are notified of a gap."));
        assertThat(counters.get(Counter.HISTORY_MISSED)).isOne();
    }

    @Test
    void manyGapsDoNotFillTheLog() {
        for (int i = 0; i < 100; i++) {
            histories.missed("room:flood", new Dot(35, i), "no node has them");
        }
        assertThat(RecordedLog.linesAbout("room:flood")).hasSize(20);
        assertThat(counters.get(Counter.HISTORY_MISSED)).isEqualTo(100);
    }
}
