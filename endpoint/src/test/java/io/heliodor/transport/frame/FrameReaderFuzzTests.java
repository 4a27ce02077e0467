package io.heliodor.transport.frame;

import static io.heliodor.transport.frame.ClientFrames.FIN;
import static io.heliodor.transport.frame.ClientFrames.announce;
import static io.heliodor.transport.frame.ClientFrames.binary;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.close;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.frame;
import static io.heliodor.transport.frame.ClientFrames.ping;
import static io.heliodor.transport.frame.ClientFrames.text;
import static io.heliodor.transport.frame.ClientFrames.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.Fuzz;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * For any bytes, cut into any reads, the reader has the results of a plain reader, ends with at most one protocol
 * error, and allocates at most a few times the input.
 */
class FrameReaderFuzzTests {
    private static final int LIMIT = 1 << 10;
    private static final int TEXT = 1;
    private static final int BINARY = 2;

    private final MessageInflater inflation = new MessageInflater();

    private static List<byte[]> plain() {
        return List.of(
                text("hello"),
                text("é€😀 and some more, so that the length is over what seven bits can say: "
                        + "0123456789012345678901234567890123456789012345678901234567890123456789"),
                binary(new byte[300]),
                binary(new byte[LIMIT]),
                concat(frame(TEXT, utf8("one, ")), ping("between"), frame(0, utf8("two, ")), frame(FIN, utf8("three"))),
                concat(frame(TEXT, bytes(0xe2)), frame(0, bytes(0x82)), frame(FIN, bytes(0xac))),
                concat(frame(BINARY, new byte[LIMIT - 1]), frame(FIN, new byte[1])),
                concat(frame(BINARY, bytes(1)), frame(0, bytes())),
                frame(0, bytes()),
                frame(FIN | TEXT, 0, bytes('a', 0xff)),
                frame(TEXT, 0, bytes(0xf0, 0x9f)),
                concat(ping("x"), frame(FIN | 10, bytes()), close(1000, "bye")),
                close(4999, "é"),
                close(1005, ""),
                frame(FIN | 8, bytes()),
                frame(FIN | 8, bytes(3)),
                frame(FIN | 9, new byte[126]),
                bytes(FIN | TEXT, 1, 'x'),
                frame(FIN | 3, bytes()),
                announce(FIN | BINARY, 1L << 62),
                announce(FIN | TEXT, Long.MIN_VALUE),
                announce(BINARY, 65_535),
                announce(BINARY, 65_536));
    }

    private static List<byte[]> compressed() {
        int first = FIN | ClientDeflate.RSV1 | TEXT;
        byte[] hello = ClientDeflate.deflate(utf8("hello, hello, hello"));
        List<byte[]> all = new ArrayList<>(plain());
        all.add(frame(first, hello));
        all.add(frame(first, bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0)));
        all.add(frame(first, concat(bytes(3, 0), bytes(3, 0), hello)));
        all.add(frame(first, concat(bytes(0, 5, 0, 0xfa, 0xff), utf8("Hello"), bytes(0))));
        all.add(frame(first, 0, ClientDeflate.bomb(LIMIT)));
        all.add(frame(first, 0, ClientDeflate.bomb(LIMIT + 1)));
        all.add(frame(first, 0, ClientDeflate.bomb(1 << 20)));
        all.add(frame(first, ClientDeflate.deflate(bytes(0xff))));
        all.add(concat(
                frame(ClientDeflate.RSV1 | BINARY, hello), ping("x"), frame(FIN, ClientDeflate.deflate(bytes(1)))));
        return all;
    }

    @Test
    void agreesWithAPlainReader() {
        new Fuzz(plain()).run((input, random) -> agrees(input, 1 + random.nextInt(10), Optional.empty()));
    }

    @Test
    void agreesWithAPlainReaderIfMessagesAreCompressed() {
        new Fuzz(compressed()).run((input, random) -> agrees(input, 1 + random.nextInt(10), Optional.of(inflation)));
    }

    /** Whether a reader agrees with the plain one, also if it gets so many bytes at once. */
    static void agrees(byte[] input, int atOnce, Optional<MessageInflater> inflation) {
        Found expected = new Found().judgingTexts();
        new SlowFrameReader(input, LIMIT, inflation).read(expected);

        assertThat(read(input, input.length, inflation)).isEqualTo(expected.lines());
        assertThat(read(input, atOnce, inflation)).isEqualTo(expected.lines());
        allocatesLittle(input, inflation);
    }

    private static List<String> read(byte[] input, int atOnce, Optional<MessageInflater> inflation) {
        FrameReader reader = new FrameReader(LIMIT, inflation);
        Found found = new Found().judgingTexts();
        for (int at = 0; at < input.length; at += atOnce) {
            found.read(reader, Unpooled.wrappedBuffer(input, at, Math.min(atOnce, input.length - at)));
        }
        assertThat(found.lines().stream()
                        .filter(line -> line.startsWith("breach"))
                        .count())
                .isLessThan(2);
        return found.lines();
    }

    /** Messages are copied once, compressed ones can become as large as the limit. */
    private static void allocatesLittle(byte[] input, Optional<MessageInflater> inflation) {
        ByteBuf in = Unpooled.wrappedBuffer(input);
        long most = 2_048 + 40L * input.length + (inflation.isPresent() ? 8L * LIMIT * (1 + input.length / 8) : 0);
        Fuzz.allocating(most, () -> discardAll(new FrameReader(LIMIT, inflation), in.duplicate()));
    }

    private static void discardAll(FrameReader reader, ByteBuf in) {
        WebSocketMessage message = reader.read(in);
        while (message != null
                && !(message instanceof WebSocketMessage.Close)
                && !(message instanceof WebSocketMessage.ProtocolError)) {
            message = reader.read(in);
        }
    }
}
