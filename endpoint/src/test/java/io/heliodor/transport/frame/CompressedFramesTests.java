package io.heliodor.transport.frame;

import static io.heliodor.transport.frame.ClientFrames.FIN;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.frame;
import static io.heliodor.transport.frame.ClientFrames.header;
import static io.heliodor.transport.frame.ClientFrames.ping;
import static io.heliodor.transport.frame.ClientFrames.text;
import static io.heliodor.transport.frame.ClientFrames.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames of a client that has negotiated compression. */
class CompressedFramesTests {
    private static final int RSV1 = ClientDeflate.RSV1;
    static final int LIMIT = 4_096;
    private static final byte[] HELLO = ClientDeflate.deflate(utf8("Hello"));

    static Stream<Arguments> conversations() {
        byte[] zeros = ClientDeflate.bomb(LIMIT);
        return Stream.of(
                arguments("compressed", ClientDeflate.text("Hello"), "text Hello"),
                arguments("not compressed", text("Hello"), "text Hello"),
                arguments("binary", frame(FIN | RSV1 | FrameLayout.BINARY, HELLO), "binary 48656c6c6f"),
                arguments("empty", frame(FIN | RSV1 | FrameLayout.TEXT, bytes(0)), "text "),
                arguments(
                        "one after the other",
                        concat(ClientDeflate.text("a"), text("b"), ClientDeflate.text("c")),
                        "text a,text b,text c"),
                arguments(
                        "in fragments",
                        concat(
                                frame(RSV1 | FrameLayout.TEXT, bytes()),
                                frame(0, Arrays.copyOf(HELLO, 3)),
                                ping("p"),
                                frame(FIN, Arrays.copyOfRange(HELLO, 3, HELLO.length)),
                                text("x")),
                        "ping p,text Hello,text x"),
                arguments(
                        "of the limit", frame(FIN | RSV1 | FrameLayout.BINARY, zeros), "binary " + "00".repeat(LIMIT)),
                arguments(
                        "fragments after it are plain again",
                        concat(ClientDeflate.text("a"), frame(FrameLayout.TEXT, utf8("b")), frame(FIN, utf8("c"))),
                        "text a,text bc"),
                arguments(
                        "RSV1 in the middle",
                        concat(frame(RSV1 | FrameLayout.TEXT, HELLO), frame(FIN | RSV1, bytes())),
                        "breach 1002"),
                arguments(
                        "RSV1 in the middle only",
                        concat(frame(FrameLayout.TEXT, bytes()), frame(FIN | RSV1, HELLO)),
                        "breach 1002"),
                arguments("a compressed ping", frame(FIN | RSV1 | FrameLayout.PING, HELLO), "breach 1002"),
                arguments("a compressed close", frame(FIN | RSV1 | FrameLayout.CLOSE, bytes()), "breach 1002"),
                arguments("RSV2", frame(FIN | 0x20 | FrameLayout.TEXT, HELLO), "breach 1002"),
                arguments("RSV3", frame(FIN | 0x10 | FrameLayout.TEXT, HELLO), "breach 1002"),
                arguments("RSV1 and RSV2", frame(FIN | 0x60 | FrameLayout.TEXT, HELLO), "breach 1002"),
                arguments(
                        "a compressed message within a message",
                        concat(frame(FrameLayout.TEXT, bytes()), ClientDeflate.text("a")),
                        "breach 1002"),
                arguments("a reserved opcode", frame(FIN | RSV1 | 3, HELLO), "breach 1002"),
                arguments("corrupt", frame(FIN | RSV1 | FrameLayout.TEXT, bytes(0xff, 0xff)), "breach 1007"),
                arguments("without a byte", frame(FIN | RSV1 | FrameLayout.TEXT, bytes()), "breach 1007"),
                arguments("cut off", frame(FIN | RSV1 | FrameLayout.TEXT, Arrays.copyOf(HELLO, 4)), "breach 1007"),
                arguments(
                        "over the limit",
                        frame(FIN | RSV1 | FrameLayout.BINARY, ClientDeflate.bomb(LIMIT + 1)),
                        "breach 1009"),
                arguments(
                        "a header far over the limit",
                        concat(header(FIN | RSV1 | FrameLayout.TEXT, 126, 2 * LIMIT), bytes(0, 0, 0, 0)),
                        "breach 1009"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conversations")
    void framesAreReadOrRefused(String what, byte[] bytes, String found) {
        List<String> expected = List.of(found.split(",", -1));
        assertThat(read(bytes, List.of(bytes.length))).isEqualTo(expected);
        assertThat(read(bytes, List.of(1))).isEqualTo(expected);
    }

    @Test
    void aMessageOfTheLimitIsAcceptedThoughItDoesNotShrink() {
        byte[] noise = new byte[LIMIT];
        new Random(3).nextBytes(noise);
        byte[] payload = ClientDeflate.deflate(noise);
        assertThat(payload).hasSizeGreaterThan(LIMIT);
        assertThat(read(frame(FIN | RSV1 | FrameLayout.BINARY, payload), List.of(100)))
                .containsExactly("binary " + HexFormat.of().formatHex(noise));
    }

    @Property
    void anyMessageInAnyFragmentsIsReadAsItWas(
            @ForAll @IntRange(max = LIMIT) int length,
            @ForAll @IntRange(min = 1, max = 256) int letters,
            @ForAll long seed,
            @ForAll @Size(max = 5) List<@IntRange(max = LIMIT) Integer> cuts,
            @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 500) Integer> sizes) {
        Random random = new Random(seed);
        byte[] message = new byte[length];
        for (int i = 0; i < length; i++) {
            message[i] = (byte) random.nextInt(letters);
        }
        byte[] payload = ClientDeflate.deflate(message);
        List<byte[]> frames = new ArrayList<>();
        int from = 0;
        for (int cut : cuts.stream().sorted().filter(at -> at < payload.length).toList()) {
            frames.add(frame(
                    frames.isEmpty() ? RSV1 | FrameLayout.BINARY : 0,
                    random.nextInt(),
                    Arrays.copyOfRange(payload, from, cut)));
            frames.add(ping("between"));
            from = cut;
        }
        frames.add(frame(
                FIN | (frames.isEmpty() ? RSV1 | FrameLayout.BINARY : 0),
                random.nextInt(),
                Arrays.copyOfRange(payload, from, payload.length)));
        byte[] bytes = concat(frames.toArray(byte[][]::new));

        List<String> found = read(concat(bytes, bytes), sizes);

        found.removeIf("ping between"::equals);
        String expected = "binary " + HexFormat.of().formatHex(message);
        assertThat(found).containsExactly(expected, expected);
    }

    /** Reads in pieces of these sizes, again and again. */
    private static List<String> read(byte[] bytes, List<Integer> sizes) {
        try (MessageInflater inflation = new MessageInflater()) {
            FrameReader reader = new FrameReader(LIMIT, Optional.of(inflation));
            Found found = new Found();
            int at = 0;
            for (int i = 0; at < bytes.length; i++) {
                int size = Math.min(sizes.isEmpty() ? bytes.length : sizes.get(i % sizes.size()), bytes.length - at);
                found.read(reader, Unpooled.wrappedBuffer(bytes, at, size));
                at += size;
            }
            return found.lines();
        }
    }
}
