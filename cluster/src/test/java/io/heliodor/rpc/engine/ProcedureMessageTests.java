package io.heliodor.rpc.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Envelope;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcedureMessageTests {
    private static final List<Message> ALL = List.of(
            new ProcedureMessage.Request(300, "name", new byte[] {-1, 7}),
            new ProcedureMessage.Cast("name", new byte[] {-1, 7}));
    private static final String BYTES = """
            1400ac02046e616d6502ff07
            1500046e616d6502ff07
            """;

    private final List<Message> read = new ArrayList<>();
    private final MessageRoutes routes = new MessageRoutes();

    ProcedureMessageTests() {
        ProcedureMessage.route(routes, (_, message, _) -> read.add(message));
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
        bytes.forEach(each -> assertThat(
                        routes.dispatch(new Peer("a@host", 1), HexFormat.of().parseHex(each)))
                .isEmpty());
        assertThat(written(read)).containsExactlyElementsOf(bytes);
    }
}
