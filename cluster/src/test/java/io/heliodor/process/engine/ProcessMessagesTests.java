package io.heliodor.process.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Envelope;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Routes;
import io.heliodor.process.Exit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessMessagesTests {
    private static final Peer A = new Peer("a@host", 1);
    private static final byte[] PAYLOAD = {-1, 7};

    private static final List<Message> ALL = List.of(
            new ProcessMessages.Begin(),
            new ProcessMessages.Send(300, PAYLOAD),
            new ProcessMessages.SendAll(new long[] {1, 300}, PAYLOAD),
            new ProcessMessages.Call(1, 300, PAYLOAD),
            new ProcessMessages.Answer(1, new CallResult.Answered(PAYLOAD)),
            new ProcessMessages.Answer(2, new CallResult.Failed("type", "why")),
            new ProcessMessages.Answer(3, new CallResult.Down(new Exit.Normal())),
            new ProcessMessages.Answer(4, new CallResult.Down(new Exit.Failed("why"))),
            new ProcessMessages.Answer(5, new CallResult.Down(new Exit.NoProcess())),
            new ProcessMessages.Answer(6, new CallResult.Down(new Exit.NoConnection("b@host"))),
            new ProcessMessages.Answer(7, new CallResult.NoSuchProcedure("name")),
            new ProcessMessages.Cancel(8),
            new ProcessMessages.Monitor(9, 300),
            new ProcessMessages.Demonitor(9),
            new ProcessMessages.Ended(9, new Exit.Failed("why")));
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
    private final Routes routes = new Routes()
            .add(1, ProcessMessages.Begin::read, (_, message, _) -> read.add(message))
            .add(2, ProcessMessages.Send::read, (_, message, _) -> read.add(message))
            .add(3, ProcessMessages.Call::read, (_, message, _) -> read.add(message))
            .add(4, ProcessMessages.Answer::read, (_, message, _) -> read.add(message))
            .add(5, ProcessMessages.Cancel::read, (_, message, _) -> read.add(message))
            .add(6, ProcessMessages.Monitor::read, (_, message, _) -> read.add(message))
            .add(7, ProcessMessages.Demonitor::read, (_, message, _) -> read.add(message))
            .add(8, ProcessMessages.Ended::read, (_, message, _) -> read.add(message))
            .add(9, ProcessMessages.SendAll::read, (_, message, _) -> read.add(message));

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
