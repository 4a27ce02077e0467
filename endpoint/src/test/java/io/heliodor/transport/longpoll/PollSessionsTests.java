package io.heliodor.transport.longpoll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PollSessionsTests {
    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        String token = "poll.Abc-_1237.0123456789-_ABCDEFghijklmnopqrst";
        assertThat(PollSessions.isToken(token)).isTrue();
        assertThat(PollSessions.endpointOf(token)).contains("Abc-_1237");
    }
}
