package io.heliodor.link.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.ExtendedUUID;
import org.junit.jupiter.api.Test;

class DetourTests {
    private static final Address HERE = address(1);
    private static final Address THROUGH = address(2);
    private static final Address SILENT = address(3);
    private static final String BYTES = """
            01000100000c000000000000000200000000000000000002016e026e32016c01370001076d003e0000006800000c0000\
            00000000000300000000000000000002016e026e33016c013701000003000000000c0000000000000003000000000000\
            00000002016e026e33016c013700000c000000000000000100000000000000000002016e026e31016c01370000000000\
            02ff07
            """;

    /** The protocol above or below. */
    private static final class Neighbour extends Protocol {
        private final List<Message> messages = new ArrayList<>();

        @Override
        public Object down(Message message) {
            messages.add(message);
            return message;
        }

        @Override
        public Object up(Message message) {
            messages.add(message);
            return message;
        }

        @Override
        public Object down(Event event) {
            return event;
        }

        @Override
        public Object up(Event event) {
            return event;
        }
    }

    private final Neighbour above = new Neighbour();
    private final Neighbour below = new Neighbour();

    private static Address address(int number) {
        return new ExtendedUUID(0, number)
                .put(new byte[] {'n'}, ("n" + number).getBytes(UTF_8))
                .put(new byte[] {'l'}, new byte[] {'7'});
    }

    /** At a node, in a view of three. */
    private Detour detour(Address self) {
        Detour detour = new Detour(60_000, _ -> true, _ -> {});
        detour.setAddress(self);
        detour.setUpProtocol(above);
        detour.setDownProtocol(below);
        detour.down(new Event(Event.VIEW_CHANGE, View.create(HERE, 1, HERE, THROUGH, SILENT)));
        return detour;
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws Exception {
        Detour here = detour(HERE);
        here.ended(new Peer("n3", 7));
        here.answered(SILENT, THROUGH);
        here.down(new BytesMessage(SILENT, new byte[] {-1, 7}));
        ByteArrayDataOutputStream out = new ByteArrayDataOutputStream();
        Message detoured = below.messages.getFirst();
        detoured.writeTo(out);
        assertThat(HexFormat.of().formatHex(Arrays.copyOf(out.buffer(), out.position())))
                .isEqualTo(BYTES.strip());
        detour(SILENT).up(detoured.setSrc(THROUGH));
        assertThat(above.messages).hasSize(1).first().satisfies(message -> {
            assertThat(message.getSrc()).isEqualTo(HERE);
            assertThat(message.getArray()).containsExactly(-1, 7);
        });
    }
}
