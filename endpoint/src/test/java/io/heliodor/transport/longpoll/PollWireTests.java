package io.heliodor.transport.longpoll;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.binary.DecodeException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PollWireTests {
    private static final PollWire.Session SESSION = new PollWire.Session("poll.name0.secret", "/größe😀");
    private static final PollWire.Request REQUEST = new PollWire.Request("name1", 300);
    private static final byte[] BODY = {-1, 7};

    private static final List<PollWire> ALL = List.of(
            new PollWire.Known(SESSION),
            new PollWire.Poll(SESSION, REQUEST),
            new PollWire.Leave(REQUEST),
            new PollWire.Post(
                    SESSION, REQUEST, List.of(new PollBody.Message(true, BODY), new PollBody.Message(false, BODY))),
            new PollWire.Answer(-2, 503, true, 300, BODY),
            new PollWire.Taken(REQUEST, true),
            new PollWire.Arriving(SESSION));

    /** The requests, then the responses to them. */
    private static final String BYTES = """
            010011706f6c6c2e6e616d65302e736563726574000e2f6772c3b6c39f65eda0bdedb880
            020011706f6c6c2e6e616d65302e736563726574000e2f6772c3b6c39f65eda0bdedb88000056e616d65310000000000\
            00012c
            0300056e616d6531000000000000012c
            040011706f6c6c2e6e616d65302e736563726574000e2f6772c3b6c39f65eda0bdedb88000056e616d65310000000000\
            00012c0100000002ff070000000002ff07
            05fffffffffffffffe01f7010000012cff07
            0600056e616d6531000000000000012c01
            070011706f6c6c2e6e616d65302e736563726574000e2f6772c3b6c39f65eda0bdedb880
            000102
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws DecodeException {
        List<String> written = new ArrayList<>();
        for (PollWire request : ALL) {
            byte[] bytes = request.write();
            written.add(HexFormat.of().formatHex(bytes));
            assertThat(PollWire.read(bytes).write()).isEqualTo(bytes);
        }
        written.add(HexFormat.of().formatHex(new byte[] {PollPeers.NO, PollPeers.YES, PollPeers.BUSY}));
        assertThat(written).containsExactlyElementsOf(BYTES.lines().toList());
    }
}
