package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadyPushesTests {
    @Test
    void theReportHasTheMedianOfThePairsAndItsRange() {
        PresenceResult.ReadyResult ready = new PresenceResult.ReadyResult(
                10_000,
                List.of(
                        new PresenceResult.ReadyPair(3, 2, true),
                        new PresenceResult.ReadyPair(8, 2, true),
                        new PresenceResult.ReadyPair(2, 1, true)));
        PresenceResult result = new PresenceResult(Map.of(), Optional.empty(), List.of(), List.of(ready), List.of());
        assertThat(PresenceReport.of(result))
                .contains("10,000 present: 2.00 (1.50-4.00) times")
                .contains("3.00 ms for a join and its leave, 2.00 ms for a push")
                .doesNotContain("missing");
        assertThat(result.clean()).isTrue();
    }

    @Test
    void aPairWithMissingMessagesIsNotClean() {
        PresenceResult.ReadyResult ready =
                new PresenceResult.ReadyResult(10, List.of(new PresenceResult.ReadyPair(1, 1, false)));
        PresenceResult result = new PresenceResult(Map.of(), Optional.empty(), List.of(), List.of(ready), List.of());
        assertThat(result.clean()).isFalse();
        assertThat(PresenceReport.of(result)).contains("messages are missing");
    }

    @Test
    void theTopicHasTheBytesAndNothingIsSentWithoutAClient() {
        ReadyPushes pushes = new ReadyPushes(858_000, 1, 10);
        assertThat(pushes.topic(0)).isEqualTo("ready:858000");
        assertThat(pushes.sendDue(1)).isFalse();
        assertThat(pushes.settled()).isTrue();
    }
}
