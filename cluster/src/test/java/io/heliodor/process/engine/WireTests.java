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

class WireTests {
    private static final Peer A = new Peer("a@host", 1);
    private static final byte[] PAYLOAD = {-1, 7};

    private static final List<Message> ALL = List.of(
            new Wire.Begin(),
            new Wire.Send(300, PAYLOAD),
            new Wire.SendAll(new long[] {1, 300}, PAYLOAD),
            new Wire.Call(1, 300, PAYLOAD),
            new Wire.Answer(1, new Result.Answered(PAYLOAD)),
            new Wire.Answer(2, new Result.Failed("type", "why")),
            new Wire.Answer(3, new Result.Down(new Exit.Normal())),
            new Wire.Answer(4, new Result.Down(new Exit.Failed("why"))),
            new Wire.Answer(5, new Result.Down(new Exit.NoProcess())),
            new Wire.Answer(6, new Result.Down(new Exit.NoConnection("b@host"))),
            new Wire.Answer(7, new Result.NoSuchProcedure("name")),
            new Wire.Cancel(8),
            new Wire.Monitor(9, 300),
            new Wire.Demonitor(9),
            new Wire.Ended(9, new Exit.Failed("why")));
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
            .add(1, Wire.Begin::read, (_, message, _) -> read.add(message))
            .add(2, Wire.Send::read, (_, message, _) -> read.add(message))
            .add(3, Wire.Call::read, (_, message, _) -> read.add(message))
            .add(4, Wire.Answer::read, (_, message, _) -> read.add(message))
            .add(5, Wire.Cancel::read, (_, message, _) -> read.add(message))
            .add(6, Wire.Monitor::read, (_, message, _) -> read.add(message))
            .add(7, Wire.Demonitor::read, (_, message, _) -> read.add(message))
            .add(8, Wire.Ended::read, (_, message, _) -> read.add(message))
            .add(9, Wire.SendAll::read, (_, message, _) -> read.add(message));

    private static List<String> written(List<Message> messages) {
        return messages.stream()
                .map(message -> HexFormat.of().formatHex(Envelope.of(message).toBytes()))
                .toList();
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        List<String> bytes = BYTES.lines().toList();
        assertThat(written(ALL)).containsExactlyElementsOf(bytes);
        bytes.forEach(each ->
                assertThat(routes.pass(A, HexFormat.of().parseHex(each))).isEmpty());
        assertThat(written(read)).containsExactlyElementsOf(bytes);
    }
}
