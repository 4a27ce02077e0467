package io.heliodor.process.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Envelope;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.process.Exit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessMessageTests {
    private static final Peer A = new Peer("a@host", 1);
    private static final byte[] PAYLOAD = {-1, 7};

    private static final List<Message> ALL = List.of(
            new ProcessMessage.Begin(),
            new ProcessMessage.Send(300, PAYLOAD),
            new ProcessMessage.SendAll(new long[] {1, 300}, PAYLOAD),
            new ProcessMessage.Call(1, 300, PAYLOAD),
            new ProcessMessage.Answer(1, new EncodedResult.Answered(PAYLOAD)),
            new ProcessMessage.Answer(2, new EncodedResult.Failed("type", "why")),
            new ProcessMessage.Answer(3, new EncodedResult.Down(new Exit.Normal())),
            new ProcessMessage.Answer(4, new EncodedResult.Down(new Exit.Failed("why"))),
            new ProcessMessage.Answer(5, new EncodedResult.Down(new Exit.NoProcess())),
            new ProcessMessage.Answer(6, new EncodedResult.Down(new Exit.NoConnection("b@host"))),
            new ProcessMessage.Answer(7, new EncodedResult.NoSuchProcedure("name")),
            new ProcessMessage.Cancel(8),
            new ProcessMessage.Monitor(9, 300),
            new ProcessMessage.Demonitor(9),
            new ProcessMessage.Ended(9, new Exit.Failed("why")));
    private static final String BYTES = """
            0100
            0200ac0202ff07
            09000201ac0202ff07
            030001ac0202ff07
            0400010002ff07
            04000201047479706503776879
            0400030200
            040004020103776879
            0400050202
            0400060203066240686f7374
            04000703046e616d65
            050008
            060009ac02
            070009
            0800090103776879
            """;

    private final List<Message> read = new ArrayList<>();
    private final MessageRoutes routes = new MessageRoutes();

    ProcessMessageTests() {
        ProcessMessage.route(routes, (_, message, _) -> read.add(message));
    }

    private static List<String> written(List<Message> messages) {
        return messages.stream()
                .map(message -> HexFormat.of().formatHex(Envelope.of(message).toBytes()))
                .toList();
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        List<String> bytes = BYTES.lines().toList();
        assertThat(written(ALL)).containsExactlyElementsOf(bytes);
        bytes.forEach(each ->
                assertThat(routes.dispatch(A, HexFormat.of().parseHex(each))).isEmpty());
        assertThat(written(read)).containsExactlyElementsOf(bytes);
    }
}
