package io.heliodor.node.pubsub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.engine.TopicAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RemoteInterestTests {
    private static final List<TopicAddress> PLACES =
            List.of(new TopicAddress(List.of(), "größe"), new TopicAddress(List.of("outer", "inner"), "topic"));
    private static final String BYTES = """
            6772c3b6c39f65
            6f7574657200696e6e657200746f706963
            01
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        Stream<String> keys =
                Stream.concat(PLACES.stream().map(RemoteInterest::key), Stream.of(RemoteInterest.EVERYTHING));
        assertThat(keys.map(key -> HexFormat.of().formatHex(key.getBytes(UTF_8))))
                .containsExactlyElementsOf(BYTES.lines().toList());
        assertThat(PLACES)
                .allSatisfy(place -> assertThat(RemoteInterest.address(RemoteInterest.key(place)))
                        .contains(place));
    }
}
