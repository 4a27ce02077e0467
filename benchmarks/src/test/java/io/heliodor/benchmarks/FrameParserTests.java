package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTests {
    private static final int CAPACITY = 200_000;

    private final ByteBuffer in = ByteBuffer.allocateDirect(CAPACITY);
    private final List<String> found = new ArrayList<>();
    private final FrameParser.Sink sink = new FrameParser.Sink() {
        @Override
        public void message(ByteBuffer bytes, int from, int to) {
            found.add("message " + text(bytes, from, to));
        }

        @Override
        public void ping(ByteBuffer bytes, int from, int to) {
            found.add("ping " + text(bytes, from, to));
        }

        @Override
        public void closing(int code) {
            found.add("close " + code);
        }
    };
    private FrameParser parser = new FrameParser();

    private static String text(ByteBuffer bytes, int from, int to) {
        byte[] copy = new byte[to - from];
        bytes.get(from, copy);
        return new String(copy, US_ASCII);
    }

    /** Parses pieces as a connection does: incomplete bytes are kept and come first the next time. */
    private void parse(byte[]... pieces) throws ProtocolException {
        byte[] kept = {};
        for (byte[] piece : pieces) {
            in.clear().put(kept).put(piece).flip();
            parser.parse(in, sink);
            kept = new byte[in.remaining()];
            in.get(kept);
        }
        assertThat(kept).as("bytes left over").isEmpty();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] letters(int length) {
        byte[] letters = new byte[length];
        for (int i = 0; i < length; i++) {
            letters[i] = (byte) ('a' + i % 26);
        }
        return letters;
    }

    @Test
    void framesCutAnywhereAreFoundWhole() throws Exception {
        byte[] stream = join(
                Frames.text(letters(0)),
                Frames.text(letters(125)),
                Frames.frame(Frames.TEXT, letters(3)),
                Frames.frame(Frames.LAST | Frames.PING, letters(2)),
                Frames.frame(Frames.CONTINUATION, letters(200)),
                Frames.frame(Frames.LAST, letters(1)),
                Frames.text(letters(126)),
                Frames.close(4408));
        List<String> expected = List.of(
                "message ",
                "message " + new String(letters(125), US_ASCII),
                "ping ab",
                "message abc" + new String(letters(200), US_ASCII) + "a",
                "message " + new String(letters(126), US_ASCII),
                "close 4408");
        for (int cut = 0; cut <= stream.length; cut++) {
            found.clear();
            parser = new FrameParser();
            parse(Arrays.copyOfRange(stream, 0, cut), Arrays.copyOfRange(stream, cut, stream.length));
            assertThat(found).as("cut at byte %d", cut).isEqualTo(expected);
        }
    }

    @Test
    void framesThatComeByteByByteAreFoundWhole() throws Exception {
        byte[] stream = join(Frames.text(letters(126)), Frames.close(1000));
        byte[][] bytes = new byte[stream.length][];
        for (int i = 0; i < stream.length; i++) {
            bytes[i] = new byte[] {stream[i]};
        }
        parse(bytes);
        assertThat(found).containsExactly("message " + new String(letters(126), US_ASCII), "close 1000");
    }

    @ParameterizedTest
    @ValueSource(ints = {125, 126, 65_535, 65_536})
    void everyFormOfLengthIsParsed(int length) throws Exception {
        byte[] stream = join(Frames.text(letters(length)), Frames.text(letters(1)));
        for (int cut : new int[] {0, 1, 2, 3, 4, 5, 9, 10, 11, length, stream.length - 3, stream.length - 1}) {
            found.clear();
            parse(Arrays.copyOfRange(stream, 0, cut), Arrays.copyOfRange(stream, cut, stream.length));
            assertThat(found)
                    .as("cut at byte %d", cut)
                    .containsExactly("message " + new String(letters(length), US_ASCII), "message a");
        }
    }

    @Test
    void aCloseFrameWithoutACodeHasCode1005() throws Exception {
        parse(Frames.frame(Frames.LAST | Frames.CLOSE, letters(0)));
        assertThat(found).containsExactly("close 1005");
    }

    @Test
    void aMessageThatCanNeverFitIsRefusedAtItsHeader() {
        byte[] huge = {(byte) 0x81, 127, 0, 0, 0, 0, 0, 3, 13, 64};
        refused("more than", huge);
        byte[] negative = {(byte) 0x81, 127, -1, 0, 0, 0, 0, 0, 0, 0};
        refused("more than", negative);
    }

    @Test
    void fragmentsThatCanNeverFitTogetherAreRefused() {
        byte[] half = letters(CAPACITY / 2);
        refused("more than", Frames.frame(Frames.TEXT, half), Frames.frame(Frames.LAST, half));
    }

    @Test
    void anInvalidServerFrameIsRefused() {
        refused("masked", new byte[] {(byte) 0x81, (byte) 0x80, 0, 0, 0, 0});
        refused("reserved", new byte[] {(byte) 0xc1, 0});
        refused("opcode 3", new byte[] {(byte) 0x83, 0});
        refused("control frame", Frames.frame(Frames.LAST | Frames.PING, letters(126)));
        refused("control frame", Frames.frame(Frames.CLOSE, letters(2)));
        refused("continuation of no message", Frames.frame(Frames.LAST, letters(2)));
        refused("inside a fragmented message", Frames.frame(Frames.TEXT, letters(2)), Frames.text(letters(2)));
    }

    private void refused(String why, byte[]... pieces) {
        parser = new FrameParser();
        assertThatThrownBy(() -> parse(pieces))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(why);
    }
}
