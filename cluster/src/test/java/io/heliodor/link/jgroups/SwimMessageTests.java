package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SwimMessageTests {
    private static final Peer PEER = new Peer("chat@a", Long.MAX_VALUE);
    private static final List<SwimMessage> ALL = List.of(
            new SwimMessage.PingReq(PEER),
            new SwimMessage.Ping(PEER),
            new SwimMessage.Ack(PEER),
            new SwimMessage.IndirectAck(PEER));
    private static final String BYTES = """
            0106636861744061ffffffffffffffff7f
            0206636861744061ffffffffffffffff7f
            0306636861744061ffffffffffffffff7f
            0406636861744061ffffffffffffffff7f
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(ALL)
                .extracting(message -> HexFormat.of().formatHex(message.toBytes()))
                .containsExactlyElementsOf(BYTES.lines().toList());
        assertThat(ALL).allSatisfy(message -> {
            byte[] bytes = message.toBytes();
            assertThat(SwimMessage.of(bytes, 0, bytes.length)).isEqualTo(message);
        });
    }
}
