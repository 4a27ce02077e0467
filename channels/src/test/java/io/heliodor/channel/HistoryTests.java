package io.heliodor.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of a history. */
class HistoryTests {
    private static final Event<Raw> SAY = Event.of("say", Raw.class);
    private static final Event<Empty> GO = Event.of("go", Empty.class);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void theEventsAreKeptByTheirNames() {
        History history = History.of(7, MINUTE, SAY, GO, SAY);
        assertThat(history).isEqualTo(new History(7, MINUTE, History.DEFAULT_BYTES, List.of(SAY, GO)));
        assertThat(history.maxBytes(9)).isEqualTo(new History(7, MINUTE, 9, List.of(SAY, GO)));
        assertThat(history.keeps("say")).isTrue();
        assertThat(history.keeps("said")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100_000})
    void theBoundsThemselvesAreAccepted(int most) {
        assertThat(History.of(most, Duration.ofNanos(most), SAY).maxBroadcasts())
                .isEqualTo(most);
        assertThat(History.of(most, Duration.ofDays(365), SAY).maxBytes(most).maxBytes())
                .isEqualTo(most);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 100_001})
    void aNumberOutOfRangeIsRefused(int most) {
        assertThatThrownBy(() -> History.of(most, MINUTE, SAY))
                .hasMessageContaining("1 to 100000")
                .hasMessageContaining("" + most);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "-PT1S", "P365DT0.000000001S", "PT2562047788015215H"})
    void anAgeOutOfRangeIsRefused(String age) {
        assertThatThrownBy(() -> History.of(1, Duration.parse(age), SAY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("365 days");
    }

    @Test
    void aHistoryWithNothingToKeepIsRefused() {
        assertThatThrownBy(() -> History.of(1, MINUTE)).hasMessageContaining("name at least one");
        assertThatThrownBy(() -> History.of(1, MINUTE, SAY).maxBytes(0))
                .hasMessageContaining("at least one byte, not 0");
        assertThatThrownBy(() -> History.of(1, MINUTE, SAY, Event.of("bin", ByteBuffer.class)))
                .hasMessageContaining("'bin' is binary");
        assertThatThrownBy(() -> History.of(1, MINUTE, SAY, Event.of("say", Empty.class)))
                .hasMessage(
                        "Event 'say' is declared with the types io.heliodor.event.Raw and io.heliodor.event.Empty; it can have"
                                + " one of them.");
    }
}
