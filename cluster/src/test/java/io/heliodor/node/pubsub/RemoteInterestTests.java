package io.heliodor.node.pubsub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.pubsub.engine.TopicAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RemoteInterestTests {
    private static final List<TopicAddress> ADDRESSES =
            List.of(new TopicAddress(List.of(), "größe"), new TopicAddress(List.of("outer", "inner"), "topic"));
    private static final String BYTES = """
            6772c3b6c39f65
            6f7574657200696e6e657200746f706963
            0165633538
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        Stream<String> keys =
                Stream.concat(ADDRESSES.stream().map(RemoteInterest::key), Stream.of(RemoteInterest.bucket("topic")));
        assertThat(keys.map(key -> HexFormat.of().formatHex(key.getBytes(UTF_8))))
                .containsExactlyElementsOf(BYTES.lines().toList());
        assertThat(ADDRESSES)
                .allSatisfy(address -> assertThat(RemoteInterest.address(RemoteInterest.key(address)))
                        .contains(address));
    }

    @Test
    void aPeerWithABucketIsFoundForItsTopicsOnce() {
        TopicAddress topic = ADDRESSES.getLast();
        Peer one = new Peer("one@host", 1);
        Peer all = new Peer("all@host", 1);
        RemoteInterest interest = new RemoteInterest();
        interest.add(one, RemoteInterest.key(topic));
        interest.add(all, RemoteInterest.key(topic));
        String bucket = RemoteInterest.bucket(RemoteInterest.key(ADDRESSES.getFirst()));
        interest.add(all, bucket);
        interest.add(one, "");
        assertThat(interest.of(topic)).containsExactlyInAnyOrder(one, all);
        assertThat(interest.of(ADDRESSES.getFirst())).containsExactly(all);
        assertThat(interest.listing(ADDRESSES.getFirst())).isEmpty();
        assertThat(interest.of(new TopicAddress(List.of(), "of another bucket")))
                .isEmpty();
        interest.remove(all, bucket);
        interest.remove(one, RemoteInterest.key(topic));
        interest.remove(one, "");
        assertThat(interest.of(topic)).containsExactly(all);
        assertThat(interest.of(ADDRESSES.getFirst())).isEmpty();
    }
}
