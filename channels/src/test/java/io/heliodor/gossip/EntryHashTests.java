package io.heliodor.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EntryHashTests {
    private static final String BYTES = """
            efd01f60ba992926
            c7a0375b829244eb
            deaa561dd074af8d
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(LongStream.of(EntryHash.of("", 0), EntryHash.of("key €", 0), EntryHash.of("key €", -7))
                        .mapToObj(HexFormat.of()::toHexDigits))
                .containsExactlyElementsOf(BYTES.lines().toList());
    }
}
