package io.heliodor.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.binary.DecodeException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ComparisonTests {
    /** A replica that keeps the greatest number of each key. */
    private static final class Numbers implements GossipReplica<GossipEntry> {
        private final TreeMap<String, Long> numbers = new TreeMap<>();

        @Override
        public void merge(GossipEntry entry) {
            numbers.merge(entry.key(), entry.number(), Math::max);
        }

        @Override
        public String key(GossipEntry entry) {
            return entry.key();
        }

        @Override
        public Collection<GossipEntry> all() {
            return numbers.entrySet().stream()
                    .map(each -> new GossipEntry(each.getKey(), each.getValue()))
                    .toList();
        }

        @Override
        public long hash(GossipEntry entry) {
            return EntryHash.of(entry.key(), entry.number());
        }

        @Override
        public long hash() {
            return all().stream().mapToLong(this::hash).sum();
        }
    }

    /** The first request, its two responses, a request for buckets, its response, and the end of one that is continued. */
    private static final String BYTES = """
            027dbc54c91331dc8d
            0201
            0200
            020000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            007dbc54c91331dc8d000000000000000000000000000000000000000000000000000000000000000000000000000000\
            000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            0000000000000000000000000000000000000000000000000000000000000000006772c3b6c39f65
            020000000f000000036b6579000000000000000700000000
            ffffffff
            """;

    private final Numbers copy = new Numbers();
    private final Numbers other = new Numbers();
    private final Comparison<GossipEntry> ofCopy = new Comparison<>(copy, EntryFormat.FORMAT);
    private final Comparison<GossipEntry> ofOther = new Comparison<>(other, EntryFormat.FORMAT);

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws DecodeException {
        copy.merge(new GossipEntry("key", 7));
        byte[] parts = ofCopy.request(ofCopy.buckets(), "größe");
        byte[] different = ofCopy.respond(ofOther.request());
        byte[] entries = ofCopy.respond(ofOther.request(ofOther.buckets(), ""));
        byte[] request = ofCopy.request();
        byte[] equal = ofCopy.respond(request);
        copy.merge(new GossipEntry("x".repeat(Comparison.MAX_RESPONSE_BYTES), 1));
        copy.merge(new GossipEntry("y", 1));
        byte[] first = ofCopy.respond(ofOther.request(ofOther.buckets(), "key"));
        byte[] more = Arrays.copyOfRange(first, first.length - Integer.BYTES, first.length);
        assertThat(List.of(request, different, equal, parts, entries, more))
                .extracting(HexFormat.of()::formatHex)
                .containsExactlyElementsOf(BYTES.lines().toList());
    }

    @Test
    void copiesThatDifferAreDetected() throws DecodeException {
        copy.merge(new GossipEntry("a", 1));
        assertThat(Comparison.differs(ofCopy.respond(ofOther.request()))).isTrue();
        other.merge(new GossipEntry("a", 1));
        assertThat(Comparison.differs(ofCopy.respond(ofOther.request()))).isFalse();
        assertThatThrownBy(() -> Comparison.differs(new byte[0])).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Comparison.differs(new byte[] {9, 1})).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> Comparison.differs(new byte[] {2, 1, 0})).isInstanceOf(DecodeException.class);
    }

    @Test
    void onlyPartsThatDifferAreExchanged() throws DecodeException {
        for (int i = 0; i < 1_000; i++) {
            copy.merge(new GossipEntry("key " + i, i));
            other.merge(new GossipEntry("key " + i, i == 7 ? 6 : i));
        }
        byte[] response = ofCopy.respond(ofOther.request(ofOther.buckets(), ""));
        assertThat(response).hasSizeBetween(20, 2_000);
        assertThat(ofOther.merge(response)).isEmpty();
        assertThat(other.numbers).isEqualTo(copy.numbers);
    }

    @Test
    void aLongCopyGoesInParts() throws DecodeException {
        String filler = "x".repeat(1_000);
        for (int i = 0; i < 2_000; i++) {
            copy.merge(new GossipEntry(i + filler, i));
        }
        int parts = 0;
        long[] before = ofOther.buckets();
        Optional<String> after = Optional.of("");
        while (after.isPresent()) {
            byte[] response = ofCopy.respond(ofOther.request(before, after.get()));
            assertThat(response).hasSizeLessThan(Comparison.MAX_RESPONSE_BYTES + 2_000);
            after = ofOther.merge(response);
            parts++;
        }
        assertThat(other.numbers).isEqualTo(copy.numbers);
        assertThat(parts).isEqualTo(4);
    }

    @Test
    void anUnreadableResponseChangesNothing() throws DecodeException {
        copy.merge(new GossipEntry("a", 1));
        copy.merge(new GossipEntry("b", 2));
        byte[] response = ofCopy.respond(ofOther.request(ofOther.buckets(), ""));
        for (int length = 0; length < response.length; length++) {
            byte[] part = Arrays.copyOf(response, length);
            assertThatThrownBy(() -> ofOther.merge(part)).isInstanceOf(DecodeException.class);
            assertThat(other.numbers).isEmpty();
        }
        response[0] = 9;
        assertThatThrownBy(() -> ofOther.merge(response)).isInstanceOf(DecodeException.class);
        assertThat(other.numbers).isEmpty();
    }

    @Test
    void anUnreadableRequestGetsNoResponse() {
        byte[] request = ofCopy.request();
        byte[] second = ofCopy.request(ofCopy.buckets(), "");
        assertThatThrownBy(() -> ofCopy.respond(Arrays.copyOf(request, 5))).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> ofCopy.respond(Arrays.copyOf(second, 100))).isInstanceOf(DecodeException.class);
        request[0] = 1;
        assertThatThrownBy(() -> ofCopy.respond(request)).isInstanceOf(DecodeException.class);
    }
}
