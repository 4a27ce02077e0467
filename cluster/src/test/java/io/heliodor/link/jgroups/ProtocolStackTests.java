package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jgroups.Version;
import org.jgroups.stack.Protocol;
import org.junit.jupiter.api.Test;

class ProtocolStackTests {
    /** The minor version of JGroups, whose packets no other one reads, and the ids of the protocols in headers. */
    private static final String BYTES = """
            0005 0005 0039 076d 0009 0026 0046 0048 0029 0030 000d 000c 0045
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws Exception {
        try (Wires wires = new Wires()) {
            List<Protocol> protocols = wires.start("a").wire().stack().protocols();
            Stream<Short> ids = protocols.stream().map(Protocol::getId);
            assertThat(Stream.concat(Stream.of(Version.major, Version.minor), ids)
                            .map(id -> HexFormat.of().toHexDigits(id)))
                    .containsExactly(BYTES.strip().split(" "));
        }
    }
}
