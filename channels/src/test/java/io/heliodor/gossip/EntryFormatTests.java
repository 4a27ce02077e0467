package io.heliodor.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class EntryFormatTests {
    private static final String BYTES = """
            000000076b657920e282acfffffffffffffff9
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        byte[] written = EntryFormat.FORMAT.write(new GossipEntry("key €", -7));
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(BYTES.strip());
    }

    @Test
    void anEntryIsReadAsItWasWritten() {
        EntryFormat format = EntryFormat.FORMAT;
        GossipEntry entry = new GossipEntry("key \u20ac", -7);
        byte[] bytes = format.write(entry);
        assertThat(format.read(bytes)).contains(entry);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(format.read(Arrays.copyOf(bytes, length))).isEmpty();
        }
    }
}
