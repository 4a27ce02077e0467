package io.heliodor.process.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import org.junit.jupiter.api.Test;

class ProcessIdTests {
    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        ProcessId id = new ProcessId(new Peer("chat.app@a.host", Long.MAX_VALUE), 71);
        assertThat(id.text()).isEqualTo("1z.1y2p0ij32e8e7.chat.app@a.host");
        assertThat(ProcessId.of("1z.1y2p0ij32e8e7.chat.app@a.host")).isEqualTo(id);
    }
}
