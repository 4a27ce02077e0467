package io.heliodor.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class VoterAnswerTests {
    private static final List<VoterAnswer> ALL = List.of(
            new VoterAnswer.Done(),
            new VoterAnswer.Owned(new VoterAnswer.Owner(new Peer("chat@a", Long.MAX_VALUE), 300, 7)),
            new VoterAnswer.NoOwner(),
            new VoterAnswer.Full(),
            new VoterAnswer.Stale(),
            new VoterAnswer.NotReady(),
            new VoterAnswer.TooFew());
    private static final String BYTES = """
            01
            0206636861744061ffffffffffffffff7fac0207
            03
            04
            05
            06
            07
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws DecodeException {
        assertThat(ALL)
                .extracting(answer -> HexFormat.of().formatHex(answer.toBytes()))
                .containsExactlyElementsOf(BYTES.lines().toList());
        for (VoterAnswer answer : ALL) {
            assertThat(VoterAnswer.of(answer.toBytes())).isEqualTo(answer);
        }
    }
}
