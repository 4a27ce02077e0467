package io.heliodor.transport.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MaskTests {
    @Test
    void masksAsInTheExampleOfTheRfc() {
        // Its example of a masked "Hello".
        byte[] bytes = ClientFrames.bytes(0x7f, 0x9f, 0x4d, 0x51, 0x58);
        Mask.apply(0x37fa213d, 0, bytes, 0, bytes.length);
        assertThat(bytes).isEqualTo(ClientFrames.utf8("Hello"));
    }

    @Property
    void isTheNaiveFormAtEveryOffset(
            @ForAll int mask,
            @ForAll @Size(max = 70) byte[] bytes,
            @ForAll @IntRange(max = 100_000) int offset,
            @ForAll @IntRange(max = 70) int first,
            @ForAll @IntRange(max = 70) int second) {
        int from = Math.min(Math.min(first, second), bytes.length);
        int to = Math.min(Math.max(first, second), bytes.length);
        byte[] expected = bytes.clone();
        for (int i = from; i < to; i++) {
            expected[i] ^= (byte) (mask >>> (24 - (offset + i - from) % 4 * 8));
        }

        byte[] actual = bytes.clone();
        Mask.apply(mask, offset, actual, from, to - from);

        assertThat(actual).isEqualTo(expected);
    }

    @Property
    void maskingInPiecesIsMaskingAtOnce(
            @ForAll int mask, @ForAll @Size(max = 70) byte[] bytes, @ForAll @IntRange(max = 70) int at) {
        int cut = Math.min(at, bytes.length);
        byte[] whole = bytes.clone();
        Mask.apply(mask, 0, whole, 0, whole.length);

        byte[] head = Arrays.copyOf(bytes, cut);
        byte[] tail = Arrays.copyOfRange(bytes, cut, bytes.length);
        Mask.apply(mask, 0, head, 0, head.length);
        Mask.apply(mask, cut, tail, 0, tail.length);

        assertThat(ClientFrames.concat(head, tail)).isEqualTo(whole);
    }
}
