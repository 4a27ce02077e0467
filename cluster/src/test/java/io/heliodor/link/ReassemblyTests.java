package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Packet.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReassemblyTests {
    private static final int MAX = 1_000;

    private final Reassembly reassembly = new Reassembly(MAX);
    private long number;

    private Part part(long session, long left) {
        return new Part(session, 2, number++, left);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void anEnvelopeIsCompleteWithItsLastPart() {
        byte[] envelope = new byte[MAX];
        new Random(1).nextBytes(envelope);
        List<byte[]> whole = new ArrayList<>();
        for (int at = 0; at < MAX; at += 300) {
            byte[] bytes = Arrays.copyOfRange(envelope, at, Math.min(MAX, at + 300));
            Part part = part(1, MAX - at - bytes.length);
            assertThat(reassembly.fits(part, bytes.length)).isTrue();
            reassembly.add(part, bytes).ifPresent(whole::add);
            assertThat(whole).hasSize(part.left() == 0 ? 1 : 0);
        }
        assertThat(whole.getFirst()).isEqualTo(envelope);
        assertThat(reassembly.add(part(1, 0), bytes(7))).hasValue(bytes(7));
    }

    @Test
    void anotherSessionBeginsANewEnvelope() {
        reassembly.add(part(1, 5), bytes(1, 2));
        assertThat(reassembly.fits(part(2, 1), 1)).isTrue();
        reassembly.add(part(2, 1), bytes(3));
        assertThat(reassembly.add(part(2, 0), bytes(4))).hasValue(bytes(3, 4));
    }

    @Test
    void partsThatContradictTheirEnvelopeDoNotFit() {
        reassembly.add(part(1, 5), bytes(1, 2));
        assertThat(reassembly.fits(part(1, 3), 2)).isTrue();
        assertThat(reassembly.fits(part(1, 2), 2)).as("one byte is missing").isFalse();
        assertThat(reassembly.fits(part(1, 5), 0)).as("nothing").isFalse();
        assertThat(reassembly.fits(part(1, -1), 6)).as("too many").isFalse();
    }

    @Test
    void anEnvelopeThatIsTooLargeIsNotBegun() {
        assertThat(reassembly.fits(part(1, MAX - 1), 1)).isTrue();
        assertThat(reassembly.fits(part(1, MAX), 1)).isFalse();
        assertThat(reassembly.fits(part(1, Long.MAX_VALUE), 1)).isFalse();
        assertThat(reassembly.fits(part(1, -1), 1)).isFalse();
        assertThat(reassembly.fits(part(1, 0), 0)).isFalse();
    }
}
