package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeTests {
    /** One field of each kind. */
    private record Fields(int bits, long number, long negative, boolean bool, String bytes, String text, Peer peer)
            implements Message {
        static Fields read(BinaryReader in) throws DecodeException {
            return new Fields(
                    in.get(),
                    in.number(),
                    in.number(),
                    in.bool(),
                    HexFormat.of().formatHex(in.bytes()),
                    in.text(),
                    Peer.read(in));
        }

        @Override
        public int type() {
            return 127;
        }

        @Override
        public void write(BinaryWriter out) {
            out.put(bits)
                    .number(number)
                    .number(negative)
                    .bool(bool)
                    .bytes(HexFormat.of().parseHex(bytes))
                    .text(text)
                    .object(peer, Peer::write);
        }
    }

    private static final Fields FIELDS =
            new Fields(255, 300, -2, true, "ff07", "größe", new Peer("chat@a", Long.MAX_VALUE));
    private static final String BYTES = """
            7f026964ffac02feffffffffffffffff010102ff07076772c3b6c39f6506636861744061ffffffffffffffff7f
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        byte[] written = new Envelope(FIELDS, "id").toBytes();
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(BYTES.strip());
        List<Envelope> read = new ArrayList<>();
        MessageRoutes routes = new MessageRoutes()
                .add(127, Fields::read, (_, message, correlation) -> read.add(new Envelope(message, correlation)));
        assertThat(routes.dispatch(FIELDS.peer(), written)).isEmpty();
        assertThat(read).containsExactly(new Envelope(FIELDS, "id"));
    }
}
