package io.heliodor.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShardTests {
    private static final String BYTES = """
            0a
            0b
            33
            33
            3c
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(Stream.of("room:1", "room:2", "lobby", "größe", "a longer topic")
                        .map(topic -> HexFormat.of().toHexDigits((byte) ShardIndex.of(topic))))
                .containsExactlyElementsOf(BYTES.lines().toList());
    }
}
