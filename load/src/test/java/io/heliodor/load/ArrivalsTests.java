package io.heliodor.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The memory of what has arrived, and of when it was due, is bounded. */
class ArrivalsTests {
    @Test
    void aMessageIsNewOnce() {
        Arrivals arrivals = new Arrivals(64);
        assertThat(arrivals.take(3)).isEqualTo(Arrivals.Kind.NEW);
        assertThat(arrivals.take(1)).isEqualTo(Arrivals.Kind.NEW);
        assertThat(arrivals.take(3)).isEqualTo(Arrivals.Kind.REPEATED);
        assertThat(arrivals.received()).isEqualTo(2);
    }

    @Test
    void theWindowMoves() {
        Arrivals arrivals = new Arrivals(64);
        for (int number = 0; number < 1_000; number++) {
            assertThat(arrivals.take(number)).isEqualTo(Arrivals.Kind.NEW);
        }
        assertThat(arrivals.take(1_000 - 64)).isEqualTo(Arrivals.Kind.REPEATED);
        assertThat(arrivals.take(1_000 - 65)).isEqualTo(Arrivals.Kind.LATE);
        assertThat(arrivals.take(100_000_063)).isEqualTo(Arrivals.Kind.NEW);
        assertThat(arrivals.take(100_000_000)).isEqualTo(Arrivals.Kind.NEW);
        assertThat(arrivals.received()).isEqualTo(1_002);
    }

    @Test
    void anIdIsFoundInAnyText() {
        TopicMessages messages = new TopicMessages("r", 3, 64);
        String id = messages.add(7, 123);
        assertThat(messages.number("{\"a\":\"x" + id + "y\"}")).isZero();
        assertThat(messages.dueAt(0)).isEqualTo(123);
        assertThat(messages.sender(0)).isEqualTo(7);
        assertThat(messages.number("{\"a\":\"hl-other-3-0z\"}")).isNegative();
        assertThat(messages.number("{\"a\":\"hl-r-0-0z\"}"))
                .as("of another topic")
                .isNegative();
        for (int i = 0; i < 64; i++) {
            messages.add(1, 200);
        }
        assertThat(messages.dueAt(0)).isNegative();
        assertThat(messages.dueAt(1)).isEqualTo(200);
    }
}
