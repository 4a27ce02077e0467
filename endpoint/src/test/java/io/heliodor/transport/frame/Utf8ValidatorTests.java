package io.heliodor.transport.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class Utf8ValidatorTests {
    /** The bytes at the edges of every range of RFC 3629. */
    private static final int[] EDGES = {
        0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
        0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff
    };

    @Property
    void acceptsAByteIfTheJdkCouldStillDecodeTheWhole(@ForAll("sequences") byte[] bytes) {
        Utf8Validator progress = new Utf8Validator();
        for (int i = 0; i < bytes.length; i++) {
            byte[] start = Arrays.copyOf(bytes, i + 1);
            boolean accepted = progress.accept(bytes, i, 1);
            assertThat(accepted)
                    .as("byte %d of %s", i, HexFormat.of().formatHex(bytes))
                    .isEqualTo(canGoOn(start));
            if (!accepted) {
                return;
            }
            assertThat(progress.complete()).isEqualTo(decodes(start));
        }
    }

    private static boolean canGoOn(byte[] start) {
        return decodes(start)
                || Stream.of("80", "90", "a0", "8080", "9080", "a080", "808080", "908080", "a08080")
                        .map(HexFormat.of()::parseHex)
                        .anyMatch(rest -> decodes(ClientFrames.concat(start, rest)));
    }

    @Property
    void aTextInPiecesIsAsValidAsTheWholeText(@ForAll("sequences") byte[] bytes) {
        Utf8Validator whole = new Utf8Validator();
        boolean good = whole.accept(bytes, 0, bytes.length);
        Utf8Validator pieces = new Utf8Validator();
        boolean goodInPieces = true;
        for (int i = 0; i < bytes.length && goodInPieces; i++) {
            goodInPieces = pieces.accept(bytes, i, 1);
        }
        assertThat(goodInPieces).isEqualTo(good);
    }

    @Property
    void textsThatJavaEncodesAreValid(@ForAll String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Utf8Validator progress = new Utf8Validator();
        assertThat(progress.accept(bytes, 0, bytes.length)).isTrue();
        assertThat(progress.complete()).isTrue();
    }

    @Provide
    Arbitrary<byte[]> sequences() {
        Arbitrary<Integer> edge = Arbitraries.of(Arrays.stream(EDGES).boxed().toList());
        return edge.map(Integer::byteValue).array(byte[].class).ofMaxSize(8);
    }

    private static boolean decodes(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
