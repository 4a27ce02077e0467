package io.heliodor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.heliodor.event.json.Utf8;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class Utf8Tests {
    private static final int[] EDGES = {
        0x00, 0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
        0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfb, 0xfc, 0xfd, 0xfe, 0xff
    };

    @Example
    void theVerdictOnEachSequenceOfEdgesIsTheJdks() {
        CharsetDecoder decoder = decoder();
        for (int a : EDGES) {
            for (int b : EDGES) {
                for (int c : EDGES) {
                    for (int d : EDGES) {
                        check(decoder, new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
                    }
                    check(decoder, new byte[] {(byte) a, (byte) b, (byte) c});
                }
            }
        }
        for (int pair = 0; pair < 1 << 16; pair++) {
            check(decoder, new byte[] {(byte) (pair >> 8), (byte) pair});
        }
        for (int single = 0; single < 256; single++) {
            check(decoder, new byte[] {(byte) single});
        }
    }

    @Property
    void theVerdictOnRandomBytesIsTheJdks(@ForAll @Size(max = 12) byte[] bytes) {
        check(decoder(), bytes);
    }

    @Property
    void textIsValidUnlessItIsCutWithinACharacter(@ForAll String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(Utf8.valid(bytes, 0, bytes.length)).isTrue();
        CharsetDecoder decoder = decoder();
        for (int end = 0; end < bytes.length; end++) {
            assertThat(Utf8.valid(bytes, 0, end)).isEqualTo(accepts(decoder, bytes, end));
        }
    }

    /** Compares without an assertion for each of a million sequences. */
    private static void check(CharsetDecoder decoder, byte[] bytes) {
        boolean expected = accepts(decoder, bytes, bytes.length);
        if (Utf8.valid(bytes, 0, bytes.length) != expected) {
            fail("%s is %s", HexFormat.of().formatHex(bytes), expected ? "UTF-8" : "not UTF-8");
        }
    }

    private static boolean accepts(CharsetDecoder decoder, byte[] bytes, int to) {
        CharBuffer out = CharBuffer.allocate(to);
        return !decoder.reset().decode(ByteBuffer.wrap(bytes, 0, to), out, true).isError();
    }

    private static CharsetDecoder decoder() {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }
}
