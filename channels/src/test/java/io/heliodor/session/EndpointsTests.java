package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.session.cluster.Endpoints;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointsTests {
    /** The first endpoint of a node, and the second one: a hash of the id of the node, and a number. */
    private static final String NAMES = """
            p0qAY5S10
            p0qAY5S11
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        RecordedTransport cluster = new RecordedTransport();
        try (Endpoints first = new Endpoints(cluster.nodes(List.of()));
                Endpoints second = new Endpoints(cluster.nodes(List.of()))) {
            assertThat(List.of(first.self(), second.self()))
                    .containsExactlyElementsOf(NAMES.lines().toList());
            assertThat(cluster.names).containsExactly("request endpoint/0", "request endpoint/1");
        }
    }
}
