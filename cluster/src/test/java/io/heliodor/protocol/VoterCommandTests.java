package io.heliodor.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import io.heliodor.protocol.VoterCommand.Request;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class VoterCommandTests {
    private static final Peer A = new Peer("chat@a", Long.MAX_VALUE);
    private static final Peer B = new Peer("chat@b", 0);

    private static final List<Request> ALL = List.of(
            new Request(A, 1, new VoterCommand.Register("naïve name", 300)),
            new Request(A, 2, new VoterCommand.Release("n")),
            new Request(A, 3, new VoterCommand.ProcessEnded(300)),
            new Request(A, 0, new VoterCommand.Lookup("n")),
            new Request(A, 4, new VoterCommand.Campaign("e")),
            new Request(A, 5, new VoterCommand.Resign("e")),
            new Request(B, 0, new VoterCommand.Evict(A)));
    private static final String BYTES = """
            0106636861744061ffffffffffffffff7f01010b6e61c3af7665206e616d65ac02
            0106636861744061ffffffffffffffff7f0202016e
            0106636861744061ffffffffffffffff7f0303ac02
            0106636861744061ffffffffffffffff7f0004016e
            0106636861744061ffffffffffffffff7f04050165
            0106636861744061ffffffffffffffff7f05060165
            010663686174406200000706636861744061ffffffffffffffff7f
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws DecodeException {
        assertThat(ALL)
                .extracting(request -> HexFormat.of().formatHex(request.toBytes()))
                .containsExactlyElementsOf(BYTES.lines().toList());
        for (Request request : ALL) {
            assertThat(Request.of(request.toBytes())).isEqualTo(request);
        }
    }

    @Test
    void aCommandThatCannotBeReadIsNotWritten() {
        String tooLong = "e".repeat(Key.MAX_BYTES + 1);
        assertThatThrownBy(() -> new Request(A, 1, new VoterCommand.Campaign(tooLong)).toBytes())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The voters cannot log this command: a text of 1025 characters, at most 1024 are allowed.");
        assertThatThrownBy(() -> new Request(A, 1, new VoterCommand.Register("half \ud83d", 1)).toBytes())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The voters cannot log this command, as it would be read as another one: ");
        assertThatThrownBy(() -> new Request(A, -1, new VoterCommand.ProcessEnded(1)).toBytes())
                .isInstanceOf(IllegalArgumentException.class);
    }
}
